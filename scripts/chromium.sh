#!/bin/sh
# Chromium for the browser tests: installed from Debian's packages where it is missing and we may.
command -v chromium >/dev/null 2>&1 && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "安装浏览器测试所需的 Chromium……"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null && exit 0
fi
echo "浏览器测试需要 Chromium：请以管理员身份运行 apt-get install chromium，再运行 make test。" >&2
exit 1
