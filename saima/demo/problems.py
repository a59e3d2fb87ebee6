"""What holds the projects of an invented city up: who raised it, who took it on, and when it was solved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import NamedTuple, Self

import polars as pl

from saima.demo.history import END, Living, Project, first_day, last_day, month_of
from saima.ledgers import LEDGERS


@dataclass(frozen=True)
class _Case:
    """A sentence that is filed of a problem, and the one that tells how it was solved.

    `among` says whose it may be: of projects that government builds (公建), of the others (企业), of a
    factory (工业), or of any.
    """

    said: str
    solved: str
    among: str = ""

    def fits(self, project: Project) -> bool:
        """Whether the project may have that problem."""
        kinds = {"公建": project.is_public, "企业": not project.is_public}
        return kinds.get(self.among, self.among in {"", project.category})


@dataclass(frozen=True)
class _Kind:
    """A subclass: who answers for it, and whether projects that wait have it, or those that build."""

    name: str
    unit: str
    cases: tuple[_Case, ...]
    waits: bool = True
    builds: bool = False


# S0-30 counts nine classes and 48 subclasses and names four. Nine classes are the ledger's, 44 subclasses
# are ours; the other four carry the names of S0-31, and only its 38 problems do.
_KINDS: Mapping[str, tuple[_Kind, ...]] = {
    "前期审批": (
        _Kind(
            "备案核准",
            "市发展改革委",
            (
                _Case("备案内容与规划条件不一致，需重新备案", "已按规划条件重新备案", "企业"),
                _Case("初步设计概算待评审，未批复", "概算评审已完成，初步设计已批复", "公建"),
            ),
        ),
        _Kind(
            "环评审批",
            "市生态环境局",
            (
                _Case("环评报告需补充土壤和地下水调查，审批暂缓", "补充调查已通过评审，环评已批复"),
                _Case("环评公示期收到意见，需重新论证", "论证会已召开，环评已批复"),
            ),
        ),
        _Kind(
            "节能审查",
            "市发展改革委",
            (
                _Case(
                    "节能报告未通过评审，需补充能效对标材料", "补充材料已通过评审，节能审查意见已出具", "工业"
                ),
            ),
        ),
        _Kind(
            "施工许可",
            "市行政审批局",
            (
                _Case("施工图审查意见未闭合，施工许可证尚未核发", "审查意见已闭合，施工许可证已核发"),
                _Case("招标投诉未处理完，无法办理施工许可", "投诉已处理，施工许可证已核发"),
            ),
        ),
        _Kind(
            "用地预审与选址",
            "市自然资源局",
            (_Case("用地预审与选址意见书因图斑不符被退回", "图斑已核实更正，意见书已核发"),),
        ),
        _Kind(
            "消防人防审查",
            "市住房城乡建设局",
            (_Case("人防易地建设意见未明确，消防设计审查未受理", "人防意见已明确，消防设计审查已合格"),),
        ),
    ),
    "用地用海用林": (
        _Kind(
            "土地报批",
            "市自然资源局",
            (
                _Case("{n}亩农用地转用报批卷待省级审查", "农用地转用已获省级批复"),
                _Case("组卷缺勘测定界报告，土地报批停滞", "勘测定界已完成，土地报批已办结"),
            ),
        ),
        _Kind(
            "土地供应",
            "市自然资源局",
            (
                _Case("地块内{n}亩未交地，不动产权证不能办理", "地块已全部交付，不动产权证已办理", "企业"),
                _Case("划拨用地手续未办结，场地不能移交", "划拨决定书已核发，场地已移交", "公建"),
            ),
        ),
        _Kind(
            "林地手续",
            "市林业和草原局",
            (_Case("占用林地{n}亩，使用林地审核同意书未批复", "使用林地审核同意书已批复"),),
        ),
        _Kind(
            "用海审批",
            "市海洋发展局",
            (_Case("用海论证报告待专家评审，海域使用权证未取得", "用海论证已通过，海域使用权证已核发"),),
        ),
        _Kind(
            "占补平衡",
            "市自然资源局",
            (_Case("耕地占补平衡指标尚缺{n}亩，需市级统筹", "占补平衡指标已由市级统筹落实"),),
        ),
        _Kind(
            "土地权属",
            "市自然资源局",
            (_Case("地块内{n}亩历史用地权属不清，确权未完成", "权属已调查确认，确权已完成"),),
        ),
    ),
    "征拆排迁": (
        _Kind(
            "拆迁排迁",
            "属地政府",
            (
                _Case("红线内尚有{n}户未签约，净地无法交付", "已全部签约腾空，净地交付"),
                _Case("红线内{n}处杆线和管线未排迁，影响进场", "杆线和管线已排迁，场地已移交施工单位"),
                _Case("{n}座坟墓未迁移，场地不能贯通", "坟墓已全部迁移，场地已贯通"),
            ),
            builds=True,
        ),
        _Kind(
            "房屋征收",
            "属地政府",
            (
                _Case("红线内{n}户房屋征收补偿未谈妥", "已全部签订补偿协议并腾空"),
                _Case("企业厂房征收评估价有分歧，未签协议", "复核评估后已签约，厂房已腾空"),
            ),
            builds=True,
        ),
        _Kind(
            "土地征收补偿",
            "属地政府",
            (_Case("{n}亩集体土地征收补偿款未足额到位", "补偿款已足额支付，土地已交付"),),
        ),
        _Kind(
            "管线迁改",
            "市城市管理局",
            (
                _Case("燃气和给水管线迁改方案未定，占压基坑", "管线已迁改完成，场地已移交施工单位"),
                _Case("电力电缆迁改费用未落实，相邻部位停工", "迁改费用已落实，电缆已迁改"),
            ),
            builds=True,
        ),
        _Kind(
            "附着物迁移",
            "属地政府",
            (_Case("{n}栋大棚和围墙未清理，场地不能平整", "附着物已补偿清理，场地已平整"),),
        ),
        _Kind(
            "杆线迁移",
            "市供电公司",
            (_Case("{n}基高压杆塔未迁移，红线内无法施工", "杆塔已迁移并送电"),),
            builds=True,
        ),
    ),
    "规划指标": (
        _Kind(
            "控规调整",
            "市自然资源局",
            (_Case("控制性详细规划调整未批，规划条件不能出具", "控规调整已批复，规划条件已出具"),),
        ),
        _Kind(
            "能耗指标",
            "市发展改革委",
            (_Case("年综合能耗超过属地可用指标，需市级平衡", "能耗指标已由市级平衡解决", "工业"),),
        ),
        _Kind(
            "环境容量",
            "市生态环境局",
            (_Case("污染物排放总量指标未落实替代来源", "替代来源已落实，总量确认意见已出具", "工业"),),
        ),
        _Kind(
            "建设用地指标",
            "市自然资源局",
            (_Case("新增建设用地指标尚缺{n}亩", "用地指标已由市级调剂解决"),),
        ),
        _Kind(
            "建筑限高",
            "市自然资源局",
            (_Case("净空和限高意见未批复，方案需调整", "限高意见已批复，方案已通过审查"),),
        ),
    ),
    "资金融资": (
        _Kind(
            "项目资本金",
            "市国资委",
            (
                _Case("投资方资本金未按约到位，已拖后{n}天", "资本金已到位", "企业"),
                _Case("财政应出资的资本金未列入当年预算", "预算调整已通过，资本金已拨付", "公建"),
            ),
            builds=True,
        ),
        _Kind(
            "银行贷款",
            "市金融发展局",
            (
                _Case("银团贷款审批未完成，首笔放款推迟", "经银企对接，首笔贷款已发放"),
                _Case("授信增加了担保要求，企业难以满足", "担保公司已介入，授信已批复", "企业"),
            ),
            builds=True,
        ),
        _Kind(
            "专项债券配套",
            "市财政局",
            (_Case("专项债券项目配套资金未落实，不能申请发行", "配套资金已落实，已列入发行计划", "公建"),),
        ),
        _Kind(
            "工程款支付",
            "市财政局",
            (_Case("进度款拖欠{n}天，施工单位减少人员和机械", "拖欠的进度款已支付，施工力量已恢复"),),
            waits=False,
            builds=True,
        ),
        _Kind(
            "抵押担保",
            "市金融发展局",
            (_Case("抵押登记未办结，贷款担保落空", "抵押登记已办结，贷款已发放", "企业"),),
            builds=True,
        ),
    ),
    "市政配套": (
        _Kind(
            "基础设施配套",
            "市城乡建设局",
            (
                _Case("周边道路尚未贯通，大型设备不能进场", "道路已贯通，满足进场条件"),
                _Case("供电外线未建设，永久用电容量不足", "外线工程已完成并送电"),
                _Case("给水和污水管网未接至红线", "给水和污水管网已接通"),
                _Case("供热和燃气配套建设滞后，影响投用", "供热和燃气管线已接通"),
                _Case("场区外雨水出路未解决，低洼段积水", "雨水管线已接入市政管网"),
            ),
            builds=True,
        ),
        _Kind(
            "供电接入",
            "市供电公司",
            (
                _Case("供电接入方案批复后外线工程未开工", "外线工程已完成并送电"),
                _Case("变电站容量不足，需增容后送电", "增容已完成并送电"),
            ),
            builds=True,
        ),
        _Kind(
            "供水排水",
            "市水务局",
            (
                _Case("红线外给水管线未建，施工用水不足", "给水管线已接通"),
                _Case("污水排入市政管网的接口未落实", "接口已落实，污水管线已接通"),
            ),
            builds=True,
        ),
        _Kind(
            "供热供气",
            "市城市管理局",
            (_Case("燃气调压站选址未定，配套管线不能开工", "调压站选址已确定，管线已通气"),),
            builds=True,
        ),
        _Kind(
            "道路通达",
            "市城乡建设局",
            (_Case("规划路未建设，材料运输需绕行村路", "规划路已通车"),),
            builds=True,
        ),
        _Kind(
            "通信配套",
            "市工业和信息化局",
            (_Case("通信管道未随路敷设，弱电不能接入", "通信管道已敷设并接入"),),
            waits=False,
            builds=True,
        ),
    ),
    "政策支持": (
        _Kind(
            "政策资金",
            "市财政局",
            (
                _Case("招商协议约定的扶持资金未兑现", "扶持资金已按协议拨付", "企业"),
                _Case("固定资产投资奖补未列入当年预算", "奖补资金已列入预算并拨付", "企业"),
                _Case("贷款贴息申报口径不明，未能受理", "贴息口径已明确，资金已拨付", "企业"),
                _Case("设备投资补助审计未结束，资金未拨付", "审计已结束，补助资金已拨付", "工业"),
                _Case("上级补助资金已下达，属地拨付未完成", "补助资金已拨付到项目单位"),
            ),
            builds=True,
        ),
        _Kind(
            "奖补兑现",
            "市工业和信息化局",
            (_Case("奖补申报后{n}天未审定", "奖补已审定并拨付", "企业"),),
            builds=True,
        ),
        _Kind("税费减免", "市税务局", (_Case("城市配套费缓缴申请未答复", "已同意缓缴并办理手续"),)),
        _Kind(
            "土地政策",
            "市自然资源局",
            (_Case("弹性年期出让和分期付款政策未明确", "专题会议已明确出让政策", "企业"),),
        ),
        _Kind(
            "人才用工政策",
            "市人力资源社会保障局",
            (_Case("技能人才引进补贴未落实，用工缺口约{n}人", "补贴已发放，专场招聘已补足用工", "企业"),),
            builds=True,
        ),
    ),
    "施工环境": (
        _Kind(
            "城建交通环保",
            "市城乡建设局",
            (
                _Case("占道施工交通导行方案未批复", "导行方案已批复，恢复施工"),
                _Case("扬尘管控期间土方作业受限，工期拖后{n}天", "管控措施已验收，土方作业恢复"),
                _Case("渣土外运指标不足，基坑不能出土", "渣土外运指标已增加，恢复出土"),
                _Case("夜间施工许可未办理，居民投诉较多", "夜间施工许可已办理，降噪措施已落实"),
            ),
            builds=True,
        ),
        _Kind(
            "阻工",
            "属地政府",
            (
                _Case("周边居民因采光问题阻止进场", "补偿协议已签订，恢复进场"),
                _Case("进场道路被占，车辆不能通行", "经属地协调，进场道路已畅通"),
            ),
            builds=True,
        ),
        _Kind(
            "渣土砂石",
            "市城市管理局",
            (
                _Case("渣土消纳场距离远，土方外运缓慢", "就近消纳场已启用"),
                _Case("砂石料供应紧张，混凝土浇筑间断", "砂石料保供已落实，恢复浇筑"),
            ),
            waits=False,
            builds=True,
        ),
        _Kind(
            "交通导行",
            "市公安局交警支队",
            (_Case("跨路段交通导行方案未批复，管线不能过路", "导行方案已批复，管线已过路"),),
            waits=False,
            builds=True,
        ),
        _Kind(
            "环保管控",
            "市生态环境局",
            (_Case("重污染天气应急响应期间停止土石方作业", "应急响应已解除，恢复施工"),),
            waits=False,
            builds=True,
        ),
    ),
    "其他": (
        _Kind(
            "投资方变化",
            "属地政府",
            (
                _Case("投资方股东调整，投资决策推迟", "股东已变更，投资决策已通过", "企业"),
                _Case("集团压缩资本开支，建设内容缩减", "已重新确认建设内容和进度", "企业"),
            ),
            builds=True,
        ),
        _Kind(
            "合同纠纷",
            "市住房城乡建设局",
            (_Case("总包合同纠纷进入仲裁，现场停工", "双方已和解，施工恢复"),),
            waits=False,
            builds=True,
        ),
        _Kind(
            "设计变更",
            "项目单位",
            (
                _Case("工艺路线变更，施工图需重新设计", "变更设计已出图", "工业"),
                _Case("功能布局调整，施工图需重新设计", "变更设计已出图"),
            ),
            builds=True,
        ),
        _Kind(
            "设备到货",
            "项目单位",
            (_Case("进口设备交货推迟{n}天，安装不能衔接", "设备已到货，安装已开始", "工业"),),
            waits=False,
            builds=True,
        ),
    ),
}
_WEIGHTS = {
    "前期审批": 18,
    "用地用海用林": 17,
    "征拆排迁": 15,
    "规划指标": 8,
    "资金融资": 14,
    "市政配套": 13,
    "政策支持": 7,
    "施工环境": 12,
    "其他": 6,
}
_GIVEN_UP = "项目终止推进，问题销号"

SUBCLASSES = frozenset((group, kind.name) for group, kinds in _KINDS.items() for kind in kinds)
"""Every class and subclass that a problem of the demonstration can have."""

# S1-17 speaks of five responsible parties and does not name them: these are ours.
_PARTIES = ("属地政府", "行业主管部门", "要素保障部门", "项目单位", "施工单位")
_LIMITS = {"四级": 30, "三级": 45, "二级": 60, "一级": 90}
"""Days in which a problem of each level is to be solved: ours."""

_UPWARDS = {"四级": "三级", "三级": "二级", "二级": "一级"}
_COASTAL = {"210200"}

_FIRST = 2022 * 12 + 8
"""Month of the first problems that the first ledger still has."""

_NEVER = END + 1200
"""A month that does not come."""

_RATES = {"210100": 13.0, "210200": 10.0, "320800": 7.5}
"""Problems raised in a month of each city: ours."""


@dataclass(frozen=True)
class Stock:
    """Problems that a document counts as open at the end of a month: by class and subclass; no others are.

    `unsolved` of them are still open at the end of the history. After it `rate` are raised in a month.
    """

    month: int
    counts: Mapping[tuple[str, str], int]
    unsolved: int
    rate: float


STOCKS = {
    # S0-31: 38 problems when the campaign begins, 15 + 11 + 6 + 6 by the document's own names. The class
    # beside each is the ledger's that is nearest to the name.
    "210100": Stock(
        2024 * 12 + 7,
        {
            ("市政配套", "基础设施配套"): 15,
            ("政策支持", "政策资金"): 11,
            ("征拆排迁", "拆迁排迁"): 6,
            ("施工环境", "城建交通环保"): 6,
        },
        6,
        24.0,
    )
}
_OF_THE_STOCK = {subclass for stock in STOCKS.values() for _, subclass in stock.counts}


@dataclass(slots=True, eq=False)
class Problem:
    """One problem of one project, with everything that will have happened to it."""

    project: Project
    group: str
    subclass: str
    unit: str
    description: str
    level: str
    raised_on: date
    is_direct: bool
    parties: list[str] | None
    amount: int | None
    due_on: date
    accepted_on: date | None = None
    dispatched_on: date | None = None
    urged_on: date | None = None
    inspected_on: date | None = None
    escalated_on: date | None = None
    assessed_on: date | None = None
    resolved_on: date | None = None
    resolution: str | None = None


_STEPS = (
    "accepted_on",
    "dispatched_on",
    "urged_on",
    "inspected_on",
    "escalated_on",
    "assessed_on",
    "resolved_on",
)


class Problems:
    """The problems of a city, from which any month's ledger is cut."""

    def __init__(self, living: Living) -> None:
        made = _Complaints(living).problems()
        made.sort(key=lambda problem: (problem.raised_on, problem.project.number))
        city, columns = living.city, LEDGERS["problems"].schema
        self._problems = pl.DataFrame(
            [
                (
                    f"{city}-W{number:04}",
                    f"{city}-D{problem.project.number:05}",
                    problem.group,
                    problem.subclass,
                    problem.description,
                    problem.level,
                    _UPWARDS.get(problem.level, problem.level),
                    problem.is_direct,
                    problem.parties,
                    problem.amount,
                    problem.raised_on,
                    problem.due_on,
                    *(getattr(problem, step) for step in _STEPS),
                    problem.unit,
                    problem.resolution,
                )
                for number, problem in enumerate(made, start=1)
            ],
            schema={
                "problem_id": pl.String,
                "project_id": pl.String,
                "class": pl.String,
                "subclass": pl.String,
                "description": pl.String,
                "level": pl.String,
                "higher": pl.String,
                "is_direct": pl.Boolean,
                "parties": columns["parties"],
                "amount_blocked": columns["amount_blocked"],
                "raised_on": pl.Date,
                "due_on": pl.Date,
                **dict.fromkeys(_STEPS, pl.Date),
                "unit": pl.String,
                "resolution": pl.String,
            },
            orient="row",
        )

    def rows(self, period: str) -> pl.DataFrame:
        """The problems as known at the end of a period, without what the project ledger says of the projects.

        One that is solved stays until its year ends. Amounts are 万元.
        """
        month = int(period[:4]) * 12 + int(period[5:]) - 1
        end, new_year = last_day(month), first_day(month // 12 * 12)
        dates = ("raised_on", *_STEPS, "due_on")
        return (
            self._problems.filter(
                pl.col("raised_on") <= end,
                pl.col("resolved_on").is_null() | (pl.col("resolved_on") >= new_year),
            )
            .with_columns(
                pl.when(pl.col("escalated_on") <= end).then("higher").otherwise("level").alias("level"),
                pl.when(pl.col("resolved_on") <= end).then("resolution").alias("resolution"),
                pl.when(pl.col("accepted_on") <= end).then("due_on").alias("due_on"),
            )
            .with_columns(pl.when(pl.col(step) <= end).then(step).alias(step) for step in _STEPS)
            .with_columns(
                pl.when(pl.col(name).is_not_null()).then(pl.lit("day")).alias(f"{name}_precision")
                for name in dates
            )
            .drop("higher")
        )


class _Complaints:
    """Raises problems month by month for projects that are held up, and solves most of them."""

    def __init__(self, living: Living) -> None:
        self.living, self.city = living, living.city
        self.rng = Random(f"{living.seed}-{living.city}-problems")
        self.courses = [_Course.of(project) for project in living.projects if _is_plain(project)]
        self.busy: dict[int, date] = {}
        self.stock = STOCKS.get(living.city)

    def problems(self) -> list[Problem]:
        """Every problem of the city, the document's stock first."""
        made = self._stocked() if self.stock else []
        for month in range(_FIRST, END + 1):
            usual = _RATES.get(self.city, 5.0)
            if self.stock and month > self.stock.month:
                usual = self.stock.rate
            elif self.stock and month == self.stock.month:
                usual = 0.0
            held_up = self._held_up(month)
            for project in self._drawn(held_up, self._whole(usual * self.living.scale)):
                made.append(self._raised(project, month, held_up[project]))
        return made

    def _whole(self, number: float) -> int:
        """The number as a whole one: the rest of it is the chance of one more."""
        return int(number) + (self.rng.random() < number % 1)

    def _held_up(self, month: int) -> dict[Project, str]:
        """Projects that stand still, wait or fall behind by the end of a month, and which of the three."""
        found = {}
        for course in self.courses:
            why = course.why_held_up(month)
            if why is not None and self.busy.get(course.project.number, date.min) < first_day(month):
                found[course.project] = why
        return found

    def _drawn(self, held_up: Mapping[Project, str], wanted: int) -> list[Project]:
        weights = {"停工": 12.0, "逾期未开工": 5.0, "进度滞后": 2.5, "久拖未开工": 1.0}
        lots = sorted(
            held_up,
            key=lambda project: (-(self.rng.random() ** (1 / weights[held_up[project]])), project.number),
        )
        return lots[:wanted]

    def _raised(self, project: Project, month: int, why: str) -> Problem:
        """A problem raised in that month, solved before the project moves on, or when it is given up."""
        rng = self.rng
        raised_on = self._day_within(project, month)
        length = round(rng.lognormvariate(3.75, 0.65)) if rng.random() < 0.88 else rng.randint(160, 520)
        resolved_on = raised_on + timedelta(days=max(length, 3))
        moves = _moves_on(project, raised_on)
        if moves is not None and moves > raised_on + timedelta(days=10) and rng.random() < 0.85:
            resolved_on = min(resolved_on, moves - timedelta(days=rng.randint(2, 8)))
        if self.stock and raised_on <= last_day(self.stock.month):
            # Only the document's problems are open when the campaign begins.
            latest = last_day(self.stock.month) - timedelta(days=rng.randint(0, 24))
            resolved_on = max(min(resolved_on, latest), raised_on)
        group, kind = self._kind(project, why)
        return self._made(project, group, kind, raised_on, resolved_on)

    def _stocked(self) -> list[Problem]:
        """The problems that a document counts: old ones, most of them solved by the end."""
        rng, stock = self.rng, self.stock
        assert stock is not None
        wanted = [
            names for names, count in stock.counts.items() for _ in range(round(count * self.living.scale))
        ]
        rng.shuffle(wanted)
        begins = first_day(stock.month + 1)
        usable = [course for course in self.courses if _is_stuck(course, stock.month)]
        rng.shuffle(usable)
        usable.sort(key=lambda course: course.suspended == _NEVER)
        free = round(stock.unsolved * self.living.scale)
        made = []
        for (group, name), course in zip(wanted, usable, strict=False):
            project = course.project
            kind = next(kind for kind in _KINDS[group] if kind.name == name)
            months = [
                month for month in range(stock.month - 16, stock.month + 1) if course.why_held_up(month)
            ]
            raised_on = self._day_within(project, rng.choice(months))
            moves = _moves_on(project, begins)
            resolved_on: date | None = begins + timedelta(days=rng.randint(8, 112))
            if moves is not None and moves <= last_day(END):
                resolved_on = max(moves - timedelta(days=rng.randint(2, 12)), begins + timedelta(days=2))
            elif free:
                free, resolved_on = free - 1, None
            made.append(self._made(project, group, kind, raised_on, resolved_on))
        return made

    def _kind(self, project: Project, why: str) -> tuple[str, _Kind]:
        """A class and subclass that may trouble that project while it waits, or while it builds."""
        rng = self.rng
        is_building = why in {"停工", "进度滞后"}
        possible = {
            group: [
                kind
                for kind in kinds
                if (kind.builds if is_building else kind.waits)
                and kind.name not in _OF_THE_STOCK
                and any(case.fits(project) for case in kind.cases)
                and (kind.name != "用海审批" or self.city in _COASTAL)
            ]
            for group, kinds in _KINDS.items()
        }
        groups = [group for group, kinds in possible.items() if kinds]
        group = rng.choices(groups, [_WEIGHTS[group] for group in groups])[0]
        return group, rng.choice(possible[group])

    def _day_within(self, project: Project, month: int) -> date:
        """A day of the month after the last thing that had happened to the project in it."""
        start, end = first_day(month), last_day(month)
        for event in ("suspended", "started", "approved", "landed"):
            fact = project.facts.get(event)
            if fact is not None and start <= fact.on <= end:
                start = fact.on
                break
        return start + timedelta(days=self.rng.randint(0, (end - start).days))

    def _made(
        self, project: Project, group: str, kind: _Kind, raised_on: date, resolved_on: date | None
    ) -> Problem:
        """The problem with every step between being raised and being solved."""
        rng = self.rng
        levels, chances = ("四级", "三级", "二级", "一级"), [56, 26, 13, 5]
        if project.investment >= 100_000:
            chances = [22, 38, 28, 12]
        level = rng.choices(levels, chances)[0]
        accepted_on = raised_on + timedelta(days=rng.randint(0, 5))
        due_on = accepted_on + timedelta(days=_LIMITS[level])
        steps = self._steps(level, accepted_on, due_on)
        exited = project.facts.get("exited")
        case = rng.choice([case for case in kind.cases if case.fits(project)])
        resolution = case.solved
        if exited is not None and exited.on >= raised_on and (resolved_on is None or exited.on < resolved_on):
            resolved_on, resolution = exited.on, _GIVEN_UP
        if resolved_on is not None:
            steps = {step: on for step, on in steps.items() if on <= resolved_on}
        self.busy[project.number] = resolved_on or date.max
        spent = sum(amount for month, amount in project.spent.items() if month <= month_of(raised_on))
        left = max(project.investment - spent, 0)
        amount = round(left * rng.uniform(0.15, 1.0), -1)
        return Problem(
            project,
            group,
            kind.name,
            self._unit(kind.unit, project),
            case.said.replace("{n}", str(rng.randint(3, 60))),
            level,
            raised_on,
            rng.random() < 0.14,
            self._parties(),
            round(amount) if amount and rng.random() < 0.66 else None,
            due_on,
            resolved_on=resolved_on,
            resolution=resolution if resolved_on is not None else None,
            **steps,
        )

    def _steps(self, level: str, accepted_on: date, due_on: date) -> dict[str, date]:
        """Steps of S0-30 in order while nobody solves it: urged when due, inspected when overdue."""
        rng = self.rng
        steps = {"accepted_on": accepted_on, "dispatched_on": accepted_on + timedelta(days=rng.randint(1, 9))}
        if rng.random() < 0.85:
            steps["urged_on"] = due_on - timedelta(days=rng.randint(0, 12))
        if rng.random() < 0.7:
            steps["inspected_on"] = due_on + timedelta(days=rng.randint(4, 25))
        after = steps.get("inspected_on", due_on)
        if level in _UPWARDS and rng.random() < 0.45:
            after += timedelta(days=rng.randint(5, 25))
            steps["escalated_on"] = after
        if rng.random() < 0.5:
            steps["assessed_on"] = after + timedelta(days=rng.randint(10, 45))
        return steps

    def _parties(self) -> list[str] | None:
        lot = self.rng.random()
        if lot < 0.12:
            return None
        wanted = 5 if lot < 0.6 else self.rng.randint(2, 4)
        chosen = set(self.rng.sample(range(len(_PARTIES)), wanted))
        return [party for place, party in enumerate(_PARTIES) if place in chosen]

    def _unit(self, unit: str, project: Project) -> str:
        """The unit that answers: an area's own government, a zone's committee, else as it stands."""
        area = self.living.areas[project.area]
        if unit == "项目单位":
            return str(project.traits["owner"])
        if unit != "属地政府" or not area["is_ranked"]:
            return unit
        return f"{area['name']}{'管委会' if area['kind'] == '功能区' else '政府'}"


def _is_plain(project: Project) -> bool:
    """Whether a project stands in the ledger with dates and an area: problems are told of no other."""
    return (
        not project.traits.get("is_parent")
        and not project.traits.get("is_dateless")
        and "area_text" not in project.traits
        and not project.is_reserve
        and not any(fact.wrong for fact in project.facts.values())
    )


class _Course(NamedTuple):
    """A project with the months that decide whether it is held up; what never happens is `_NEVER`."""

    project: Project
    seen: int
    gone: int
    suspended: int
    resumed: int
    started: int
    ready: int

    @classmethod
    def of(cls, project: Project) -> Self:
        def month(*events: str) -> int:
            return min((on for event in events if (on := project.month(event)) is not None), default=_NEVER)

        return cls(
            project,
            project.seen,
            month("completed", "accepted", "produced", "exited"),
            month("suspended"),
            month("resumed"),
            month("started"),
            month("approved" if project.is_public else "landed"),
        )

    def why_held_up(self, month: int) -> str | None:
        """Why the project is held up by the end of a month as its ledger shows it; None where it is not."""
        if not self.seen <= month < self.gone:
            return None
        if self.suspended <= month < self.resumed:
            return "停工"
        if self.started <= month:
            return "进度滞后" if self.project.is_slow and self.started <= month - 3 else None
        due = next((on for since, on, _ in self.project.dues if since <= month), None)
        if due is not None and due < first_day(month):
            return "逾期未开工"
        return "久拖未开工" if self.ready <= month - 9 else None


def _is_stuck(course: _Course, month: int) -> bool:
    """Whether it is held up by the end of a month and for two more weeks, large, and not given up later."""
    project = course.project
    moves = _moves_on(project, last_day(month))
    return (
        project.is_big
        and "exited" not in project.facts
        and course.why_held_up(month) in {"停工", "逾期未开工", "进度滞后"}
        and (moves is None or moves > last_day(month) + timedelta(days=15))
    )


def _moves_on(project: Project, day: date) -> date | None:
    """The first day after that one on which the project starts or is resumed, None where it never is."""
    facts = [project.facts.get(event) for event in ("started", "resumed")]
    return min((fact.on for fact in facts if fact is not None and fact.on > day), default=None)
