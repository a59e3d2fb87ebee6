"""Invented names: projects, owners, roads and people that sound right and are nobody's."""

from random import Random

_FIRST = "砺屹湜珩翎霁澈旻珵翊煦砚栩桓岑澍沅璟昶珞弈瀚骁峤垚"
_SECOND = "澜岚恺渊霖钧瀛禾阔铭垣峻达泓帆晟湛科拓芯诺驰维锐创"
_PLACES = "望杏柳松梅桂云石棠榆枫槐荷竹兰"
_PLACE_ENDS = "溪桥湾屯塘岭台泉庄桐营浦"
_SURNAMES = "荀鄢阮桑栾沐麦晏褚靳冼郗逄戚宓"
_GIVEN = "砚书澄之予怀立青望舒致远行健知微若谷景初"

_PRODUCTS = {
    "物流": ("智慧物流枢纽", "冷链仓储", "多式联运中心", "供应链集配中心"),
    "龙虾": ("小龙虾精深加工", "小龙虾智慧养殖", "小龙虾冷链"),
    "稻米": ("优质稻米加工", "富硒稻米种植", "稻米烘干仓储"),
    "汽车": ("汽车底盘件", "汽车线束", "轻量化车身部件", "电驱动总成", "汽车内饰件", "热管理系统"),
    "机器人": ("协作机器人", "机器人关节模组", "焊接机器人工作站", "特种作业机器人"),
    "航空": ("航空结构件", "无人机整机", "航空紧固件", "航空发动机零件精密加工"),
    "医药": ("高端医学影像部件", "生物制剂", "中药配方颗粒", "体外诊断试剂", "医用耗材"),
    "生物": ("酶制剂", "生物基材料", "细胞培养基", "体外诊断试剂"),
    "集成电路": ("晶圆传输设备", "半导体腔体", "光刻胶配套材料", "芯片封装测试"),
    "信息": ("工业软件", "算力服务器", "数据采集终端", "光通信模块", "显示模组"),
    "5G": ("基站天线", "工业互联网标识节点", "射频器件"),
    "人工智能": ("机器视觉检测系统", "智能算法训练平台", "边缘计算终端"),
    "智能": ("智能传感器", "智能终端整机", "智能控制器"),
    "新能源": ("储能电池", "光伏支架", "风电叶片", "氢燃料电池堆", "充换电设备"),
    "新材料": ("高性能纤维", "特种合金", "石墨烯复合材料", "锂电隔膜", "电子化学品"),
    "节能": ("工业固废综合利用", "高效换热设备", "水处理膜组件", "余热回收装置"),
    "环保": ("工业固废综合利用", "水处理膜组件", "再生资源分拣"),
    "机床": ("五轴加工中心", "高精度主轴", "数控刀具", "滚动功能部件"),
    "电力": ("特高压套管", "智能配电柜", "干式变压器", "电缆附件"),
    "重矿": ("盾构机部件", "轨道交通制动系统", "破碎筛分设备"),
    "轨道": ("轨道交通制动系统", "转向架部件"),
    "石油": ("精细化工助剂", "高端聚烯烃", "特种润滑油"),
    "石化": ("精细化工助剂", "高端聚烯烃", "聚酯薄膜"),
    "化工": ("精细化工助剂", "电子级溶剂", "特种树脂"),
    "盐": ("工业盐精制", "纯碱绿色升级", "食品级盐化产品"),
    "冶金": ("特种钢深加工", "镁合金型材", "高强钢结构"),
    "钢": ("特种钢深加工", "高强钢结构", "无缝管精整"),
    "农产品": ("粮油精深加工", "冷链预制菜", "乳制品", "玉米生物发酵"),
    "食品": ("预制菜", "调味品", "烘焙食品", "冷冻水产"),
    "海洋": ("海洋工程装备模块", "船用甲板机械", "深海探测设备"),
    "船": ("船用阀门", "船用甲板机械", "绿色船舶分段"),
    "装备": ("液压元件", "风机泵阀", "自动化产线", "精密减速器"),
    "纺织": ("功能性面料", "智能针织", "绿色印染"),
    "电子": ("印制电路板", "连接器", "电子变压器"),
    "数字": ("数据中心", "工业互联网平台", "数字孪生软件"),
}
_GENERAL = ("精密零部件", "自动化产线", "绿色包装材料", "特种电缆", "工业过滤器")

_WORKS = {
    "服务业": (
        "智慧物流园",
        "商业综合体",
        "总部基地",
        "科技企业孵化器",
        "文旅度假区",
        "冷链仓储中心",
        "检验检测中心",
        "会展酒店",
        "云计算服务中心",
        "供应链金融服务中心",
        "文化创意街区",
        "康养中心",
    ),
    "农业": (
        "设施蔬菜基地",
        "生猪规模养殖",
        "水稻良种繁育",
        "食用菌工厂化栽培",
        "肉牛养殖",
        "果品冷链",
        "稻渔综合种养",
    ),
    "房地产": ("住宅", "人才公寓", "商住综合体", "改善型住宅", "产业社区"),
    "基础设施": (
        "道路改造",
        "雨污分流",
        "供热管网更新",
        "河道治理",
        "变电站",
        "快速路",
        "污水处理厂扩建",
        "高标准农田",
    ),
    "民生保障": (
        "小学新建",
        "老旧小区改造",
        "社区医院",
        "养老服务中心",
        "全民健身中心",
        "中学改扩建",
        "保障性租赁住房",
    ),
}
_SERVICE_ENDS = ("研发中心项目", "服务平台项目", "总部基地项目", "应用示范项目")
_INDUSTRY_ENDS = ("项目", "生产基地项目", "产业化项目", "智能工厂项目", "技术改造项目", "扩能项目")


def person(rng: Random) -> str:
    """A person's name."""
    return rng.choice(_SURNAMES) + "".join(rng.sample(_GIVEN, 2))


def place(rng: Random) -> str:
    """A road, river or quarter without its last word."""
    return rng.choice(_PLACES) + rng.choice(_PLACE_ENDS)


def product(rng: Random, chain: str | None) -> str:
    """What a factory of that chain makes."""
    for word, products in _PRODUCTS.items():
        if chain is not None and word in chain:
            return rng.choice(products)
    return rng.choice(_GENERAL)


def project(rng: Random, category: str, chain: str | None, area: str) -> tuple[str, str, str]:
    """Name, owner and content of a project of that category, in that area's short name."""
    if category in {"基础设施", "民生保障"}:
        work = rng.choice(_WORKS[category])
        where = place(rng)
        return (
            f"{area}{where}{work}工程",
            f"{area}{rng.choice(('城市建设', '公用事业', '民生项目', '水务'))}服务中心",
            f"实施{where}片区{work}及附属设施建设",
        )
    brand = rng.choice(_FIRST) + rng.choice(_SECOND)
    if chain is not None and category != "工业":
        made = product(rng, chain)
        is_whole = any(word in chain for word in ("物流", "龙虾", "稻米"))
        name = brand + made + ("项目" if is_whole else rng.choice(_SERVICE_ENDS))
        return name, f"{brand}{rng.choice(('科技', '实业', '发展'))}有限公司", f"建设{made}及配套设施"
    if category == "工业":
        made = product(rng, chain)
        owner = f"{brand}{rng.choice(('科技', '装备', '实业', '新材', '智造'))}有限公司"
        return brand + made + rng.choice(_INDUSTRY_ENDS), owner, f"建设{made}生产线及研发、仓储等配套设施"
    work = rng.choice(_WORKS[category])
    kind = {"农业": "农业", "房地产": "置业"}.get(category) or rng.choice(
        ("投资", "商业管理", "供应链", "文化发展")
    )
    return f"{brand}{place(rng)}{work}项目", f"{brand}{kind}有限公司", f"建设{work}及配套设施"
