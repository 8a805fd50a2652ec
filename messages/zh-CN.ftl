# 所有页面的中文文案。一页一组，组首有注释；新文案加在本页那一组的末尾。
# en.ftl 里的 id 与顺序与此相同，由测试比对。用词以 docs/ARCHITECTURE.md 的词表为准。

## Shell

brand = 渠道协同平台
skip-to-content = 跳到正文
find-products = 搜索产品或 SKU
account-menu = { $name } 的账户
log-out = 退出登录
theme-auto = 外观：跟随系统，点击切换到深色
theme-dark = 外观：深色，点击切换到浅色
theme-light = 外观：浅色，点击切换到跟随系统
nav-open = 打开导航
nav-label = 主导航
crumbs-label = 当前位置
confirm-yes = 继续
confirm-no = 暂不
yes = 是
no = 否
optional = （选填）
form-errors = 有 { $count } 处需要修改
pager-label = 翻页
pager-shown = 显示 { $shown } 条，共 { $count } 条
pager-previous = 上一页
pager-next = 下一页
filter-apply = 筛选
filter-clear = 清除筛选
export-csv = 导出 CSV
col-currency = 单位：{ $currency }
close = 关闭
save = 保存
cancel = 取消
back = 返回
print = 打印
chart-same-figures = 图中数据见下表。
network-error = 服务器没有响应。填写的内容还在，请稍后重试。

## Navigation

nav-group-start = 概览
nav-group-buy = 采购
nav-group-sell = 销售
nav-group-earn = 激励与考核
nav-group-rules = 规则
nav-home = 首页
nav-products = 产品目录
nav-cart = 快速下单
nav-my-orders = 我的订单
nav-orders = 订单
nav-dealers = 经销商
nav-catalogue = 产品
nav-statements = 对账单
nav-ranking = 考核排名
nav-plugins = 插件

## Roles

role-dealer-buyer = 经销商采购员
role-dealer-manager = 经销商负责人
role-sales = 渠道经理
role-ops = 运营
role-pricing = 价格管理
role-finance = 财务
role-company-admin = 厂商管理员

## States (the words of status())

status-placed = 已下单
status-confirmed = 已确认
status-partly-shipped = 部分发货
status-shipped = 已发货
status-cancelled = 已取消
status-in-stock = 有货
status-low-stock = 库存紧张
status-out-of-stock = 缺货
status-paid = 已兑付
status-live = 生效中
status-active = 启用
status-verified = 已验证
status-ok = 正常
status-open = 进行中
status-scheduled = 待生效
status-running = 运行中
status-posted = 已入账
status-disputed = 有异议
status-pending = 待处理
status-approval = 待审批
status-degraded = 不稳定
status-failed = 失败
status-refused = 已拒绝
status-overdue = 已逾期
status-failing = 持续出错

## Times

time-now = 刚刚
time-ago-minutes = { $count } 分钟前
time-ago-hours = { $count } 小时前
time-ago-days = { $count } 天前
time-in-minutes = { $count } 分钟后
time-in-hours = { $count } 小时后
time-in-days = { $count } 天后

## Notices (told once, after a step)

notice-logged-out = 已退出登录。
notice-order-placed = 下单成功，库存已预留。
notice-order-confirmed = 订单已确认。
notice-orders-confirmed = 所选订单已确认。
notice-order-shipped = 发货已登记。
notice-order-cancelled = 订单已取消，库存已释放。
notice-cart-updated = 采购车已保存。
notice-cart-cleared = 采购车已清空。
notice-added-to-cart = 已加入采购车。

## Errors

error-quote-reference = 联系支持时，请提供编号 { $reference }。
error-home = 回到首页
error-retry = 重试
error-fields = 需要修改的内容
error-not-found-title = 找不到这个页面
error-not-found-detail = 地址有误，或者您无权查看。请核对地址，或从首页重新进入。
error-forbidden-title = 您的角色没有这项权限
error-forbidden-detail = 请联系贵公司管理员开通，或请有权限的同事操作。
error-forged-title = 页面已过期
error-forged-detail = 该表单来自另一次登录，未做任何更改。请返回、刷新页面后重新提交。
error-unauthenticated-title = 请先登录
error-unauthenticated-detail = 您尚未登录，或登录已失效。
error-invalid-title = 有内容需要修改
error-invalid-detail = 尚未保存。请按提示改好后重新提交。
error-malformed-title = 无法识别这次请求
error-malformed-detail = 提交的内容不符合页面要求。请返回、刷新页面后重试。
error-method-not-allowed-title = 该地址不支持这种请求
error-method-not-allowed-detail = 请使用页面上的按钮；调用接口请查看 API 文档。
error-unsupported-title = 不支持这种内容格式
error-unsupported-detail = 请通过页面提交表单；调用接口请使用 JSON。
error-conflict-title = 数据已有变化
error-conflict-detail = 尚未保存。请刷新页面，看清最新情况后再操作。
error-too-large-title = 一次提交的内容过多
error-too-large-detail = 超出了可接受的大小，请分批提交。
error-busy-title = 系统繁忙
error-busy-detail = 数据没有丢失，请过几秒再试。
error-internal-title = 系统出错了
error-internal-detail = 这不是您的操作问题。请重试；如果再次出现，请联系我们。

## Conflicts

conflict-changed-meanwhile = 您打开页面之后，有人改动了内容。请刷新页面查看最新情况。
conflict-stale-form = 表单内容已不是最新。请刷新页面后重新修改。
conflict-prices-changed = 下单过程中价格或规则有变，订单未提交。请核对新的合计后再下单。
conflict-out-of-stock = 库存已不足，订单未提交。请减少数量后再下单。
conflict-order-step = 订单状态已变化，这一步不再适用。请刷新页面查看当前状态。

## What may be wrong with a field

invalid-value = 请检查此项
invalid-required = 请填写此项
invalid-max-length = 最多 { $limit } 个字
invalid-min-length = 至少 { $limit } 个字
invalid-minimum = 不能小于 { $limit }
invalid-maximum = 不能大于 { $limit }
invalid-range = 请填写 { $low } 到 { $high } 之间的数
invalid-integer = 请填写整数，如 12
invalid-decimal = 请填写数字，如 12.5
invalid-decimals = 最多 { $limit } 位小数
invalid-date = 请按 2026-11-24 的格式填写日期
invalid-email = 请填写邮箱地址，如 name@example.com
invalid-credentials = 厂商代码、邮箱与密码不匹配，请核对后重试
invalid-unknown-sku = 没有这个 SKU 的产品
invalid-not-enough-stock = 库存仅 { $limit } 件
invalid-too-many-shipped = 最多还能发 { $limit } 件
invalid-nothing-to-ship = 请至少填写一行的发货数量

## Log-in

login-title = 登录
login-lead = 下单、跟单，随时看清收益。
login-company = 厂商代码
login-company-help = 厂商提供的简称，如 acme
login-email = 邮箱
login-password = 密码
login-submit = 登录
login-points-price = 看得到自己的价格，也看得懂价格怎么来
login-points-order = 一行或一千行，一次下单
login-points-earn = 已赚多少、再做多少能多赚，一目了然

## Prices and stock (shared by catalogue, quick order and order)

base-price = 目录价
own-price = 我的价格
dealer-price = 经销商价
stock-left = 可用 { $count } 件
stock-promise = { $day } 可发
why = 依据
why-price = 价格怎么来的？
staircase-caption = 从目录价到经销商价的计算过程
staircase-step = 步骤
staircase-change = 调整
staircase-after = 价格
staircase-skipped = 未适用的规则
staircase-none = 没有规则调整价格，按目录价执行。
rule-line = 规则：{ $name } { $version }，参数版本 { $revision }
decision-number = 决策记录 …{ $id }
price-refused = 该产品暂无价格

## Settings form (drawn from a plugin's schema)

settings-row = 行
settings-row-title = 第 { $number } { $noun }
settings-key = 名称
settings-choose = 请选择
settings-unset = 未设置
settings-empty = 空
settings-between = { $low } 至 { $high }
settings-at-least = 不小于 { $limit }
settings-at-most = 不大于 { $limit }
settings-use = 启用“{ $name }”
settings-add = 添加一{ $noun }
settings-remove = 删除{ $row }
settings-up = { $row }上移
settings-down = { $row }下移
settings-no-rows = 暂无内容。
settings-list-help = 多个值用逗号隔开
settings-changed = { $place }：{ $before } → { $after }
settings-added = 新增{ $place }：{ $after }
settings-removed = 删除{ $place }：{ $before }
settings-moved = { $place }：由{ $before }移到{ $after }
invalid-choice = 请从列出的值中选择
invalid-json = 不是有效的 JSON：{ $detail }
invalid-duplicate = 名称重复，每个名称只能出现一次
invalid-min-items = 至少需要 { $limit } 行，请添加
invalid-enum = 请从以下值中选择：{ $allowed }
invalid-const = 此项只能是 { $expected }
invalid-type = 数据类型应为 { $expected }
invalid-format = 格式应为 { $format }
invalid-pattern = 不符合规则要求的格式：{ $pattern }
invalid-unknown-field = 规则没有“{ $field }”这个参数，请删除
invalid-unique-items = 不能有重复项
invalid-multiple-of = 应为 { $limit } 的整数倍
invalid-min-properties = 至少需要 { $limit } 项
invalid-max-properties = 最多 { $limit } 项
invalid-not-allowed = 此处不能填写该内容
invalid-too-large = 参数过大，最多 { $limit } 字节
invalid-not-json = 参数不是有效的 JSON：{ $detail }
invalid-other = 不满足规则自身的条件“{ $keyword }”
invalid-max-items = 最多 { $limit } 行，请删减
