# The words of every screen in English. One group per page, each begun by a comment; add to the end of
# your page's group. `zh-CN.ftl` has the same ids in the same order; a test compares them.
# Words: one word for one thing, as in the table of docs/ARCHITECTURE.md.

## Shell

brand = Partner portal
skip-to-content = Skip to content
find-products = Search products or SKU
account-menu = Account of { $name }
log-out = Log out
theme-auto = Theme: as the system has it. Switch to dark
theme-dark = Theme: dark. Switch to light
theme-light = Theme: light. Switch to the system's
nav-open = Open navigation
nav-label = Main navigation
crumbs-label = You are here
confirm-yes = Continue
confirm-no = Not now
yes = Yes
no = No
optional = (optional)
form-errors = { $count ->
    [one] There is a problem with one field
   *[other] There are problems with { $count } fields
 }
pager-label = Pages
pager-shown = { $shown } of { $count } shown
pager-some = { $shown } shown
pager-previous = Previous
pager-next = Next
filter-apply = Apply
filter-clear = Clear filters
export-csv = Export CSV
col-currency = in { $currency }
close = Close
save = Save
cancel = Cancel
back = Back
print = Print
chart-same-figures = The same figures are in the table below.
network-error = The server did not answer. What you typed is still here; try again.
date-pick = Pick a day

## Navigation

nav-group-start = Overview
nav-group-buy = Buy
nav-group-sell = Sell
nav-group-earn = Incentives and targets
nav-group-rules = Rules
nav-home = Home
nav-products = Products
nav-cart = Quick order
nav-my-orders = My orders
nav-orders = Orders
nav-dealers = Dealers
nav-catalogue = Products
nav-statements = Statements
nav-ranking = Ranking
nav-plugins = Plugins

## Roles

role-dealer-buyer = Dealer buyer
role-dealer-manager = Dealer manager
role-sales = Channel manager
role-ops = Operations
role-pricing = Pricing
role-finance = Finance
role-company-admin = Company administrator

## States (the words of status())

status-placed = Placed
status-confirmed = Confirmed
status-partly-shipped = Partly shipped
status-shipped = Shipped
status-cancelled = Cancelled
status-in-stock = In stock
status-low-stock = Low stock
status-out-of-stock = Out of stock
status-paid = Paid
status-live = Live
status-active = Active
status-verified = Verified
status-ok = OK
status-open = Open
status-scheduled = Scheduled
status-running = Running
status-posted = Posted
status-disputed = Disputed
status-pending = Pending
status-approval = Needs approval
status-degraded = Degraded
status-failed = Failed
status-refused = Refused
status-overdue = Overdue
status-failing = Failing

## Times

time-now = just now
time-ago-minutes = { $count ->
    [one] 1 minute ago
   *[other] { $count } minutes ago
 }
time-ago-hours = { $count ->
    [one] 1 hour ago
   *[other] { $count } hours ago
 }
time-ago-days = { $count ->
    [one] 1 day ago
   *[other] { $count } days ago
 }
time-in-minutes = { $count ->
    [one] in 1 minute
   *[other] in { $count } minutes
 }
time-in-hours = { $count ->
    [one] in 1 hour
   *[other] in { $count } hours
 }
time-in-days = { $count ->
    [one] in 1 day
   *[other] in { $count } days
 }

## Notices (told once, after a step)

notice-logged-out = You are logged out.
notice-order-placed = The order is placed and its stock reserved.
notice-order-confirmed = The order is confirmed.
notice-orders-confirmed = The selected orders are confirmed.
notice-order-shipped = The shipment is recorded.
notice-order-cancelled = The order is cancelled and its stock released.
notice-cart-updated = The quick order is saved.
notice-cart-cleared = The quick order is empty again.
notice-added-to-cart = Added to the quick order.

## Errors

error-quote-reference = When you ask for help, quote the reference { $reference }.
error-home = Go to the home page
error-retry = Try again
error-fields = What to mend
error-not-found-title = There is nothing here
error-not-found-detail = The address is wrong, or what was here is not yours to see. Check the address or start from the home page.
error-forbidden-title = Your role does not allow this
error-forbidden-detail = Ask the administrator of your company for the permission, or someone who has it to take this step.
error-forged-title = This form has expired
error-forged-detail = It was opened in another session, so nothing was changed. Go back, reload the page and send it again.
error-unauthenticated-title = Please log in
error-unauthenticated-detail = You are not logged in, or your session has ended.
error-invalid-title = Some fields need mending
error-invalid-detail = Nothing was saved. Correct the fields named here and send the form again.
error-malformed-title = The request cannot be read
error-malformed-detail = What was sent is not in the form that this page expects. Go back, reload the page and try again.
error-method-not-allowed-title = This address does not take that request
error-method-not-allowed-detail = Use the buttons of the page, or see the API's documentation for the right method.
error-unsupported-title = This type of content is not read here
error-unsupported-detail = Send the form as the page does, or JSON to the API.
error-conflict-title = Something changed in the meantime
error-conflict-detail = Nothing was saved. Reload the page to see how things stand and decide again.
error-too-large-title = This is too much at once
error-too-large-detail = What was sent is larger than is accepted. Send it in smaller parts.
error-too-many-title = Too many requests
error-too-many-detail = Your company asks more often than it may. Nothing was lost; try again in a second.
error-busy-title = Too busy just now
error-busy-detail = Nothing was lost. Try again in a few seconds.
error-internal-title = Something broke on our side
error-internal-detail = Nothing you typed was wrong. Try again; if it happens again, tell us.

## Conflicts

conflict-changed-meanwhile = Somebody changed this after you opened it. Reload the page to see how it stands now.
conflict-stale-form = This form is older than what is stored. Reload the page and make your change again.
conflict-prices-changed = Prices or rules changed while you ordered. Nothing was placed; check the new total and order again.
conflict-out-of-stock = There is no longer enough stock. Nothing was placed; reduce the quantity and order again.
conflict-order-step = The order has moved on, so this step makes no sense any more. Reload the page to see where it stands.

## What may be wrong with a field

invalid-value = Check this value
invalid-required = Fill this in
invalid-max-length = Use at most { $limit } characters
invalid-min-length = Use at least { $limit } characters
invalid-minimum = Enter { $limit } or more
invalid-maximum = Enter { $limit } or less
invalid-range = Enter a number from { $low } to { $high }
invalid-integer = Enter a whole number, such as 12
invalid-decimal = Enter a number, such as 12.5
invalid-decimals = Use at most { $limit } decimals
invalid-date = Enter a day as 2026-11-24
invalid-email = Enter an e-mail address, such as name@example.com
invalid-credentials = Company, e-mail and password do not match. Check them and try again
invalid-unknown-sku = We have no product with this SKU
invalid-not-enough-stock = Only { $limit } in stock
invalid-too-many-shipped = Only { $limit } remain to be shipped
invalid-nothing-to-ship = Enter at least one quantity to ship

## Log-in

login-title = Log in
login-lead = Order, follow and see what you earn.
login-company = Company code
login-company-help = The short name that your vendor gave you, such as acme
login-email = E-mail
login-password = Password
login-submit = Log in
login-points-price = See your own price and how it was reached
login-points-order = Order one line or a thousand at once
login-points-earn = Know what you have earned and what would earn more

## Prices and stock (shared by catalogue, quick order and order)

base-price = Base price
own-price = Your price
dealer-price = Dealer's price
stock-left = { $count } available
stock-promise = ready { $day }
why = Why?
why-price = Why this price?
staircase-caption = From the base price to the dealer's price
staircase-step = Step
staircase-change = Change
staircase-after = Price
staircase-skipped = Rules that did not apply
staircase-none = No rule changed the price: it is the base price.
rule-line = Rule: { $name } { $version }, settings revision { $revision }
decision-number = decision …{ $id }
price-refused = No price for this product

## Catalogue and product

products-title = Products
products-lead = { $count ->
    [one] One product
   *[other] { $count } products
 }
products-to-cart = Open quick order
products-search = Search
products-search-hint = Name, SKU or category
products-category = Category
products-all = All categories
products-in-stock = In stock only
products-none-found = Nothing matches
products-none-found-text = No product fits this search and these filters. Try a part of the name or SKU, or clear the filters.
products-empty = No products yet
products-empty-text = Here stand the products that your company sells, with prices and stock. Import them with “qudao import products”.
col-stock = Stock
col-reasons = Reasons
col-buy = Order
quantity-of = Quantity of { $name }
add-to-cart = Add
add-to-cart-of = Add { $name } to the quick order
in-cart = { $count } in the quick order
product-facts = Details
product-try = Price for a quantity
product-try-help = Larger quantities may be cheaper: try one.
product-reprice = Show price

## Quick order

cart-title = Quick order
cart-lead = Type a SKU, or paste rows from a spreadsheet. Prices and totals follow as you type.
cart-clear = Clear all
cart-clear-confirm = { $count ->
    [one] One line will be removed. No order is touched, but the line has to be entered again.
   *[other] All { $count } lines will be removed. No order is touched, but the lines have to be entered again.
 }
cart-paste = Paste many rows
cart-paste-label = Rows of SKU and quantity
cart-paste-help = One row a line: SKU, then quantity, with a tab, comma or blank between. Up to 2,000 rows. Rows that do not fit stay here, marked.
cart-paste-do = Fill the grid
cart-grid = Order lines
cart-sku-hint = SKU or name
cart-sku-of = SKU in line { $line }
cart-quantity-of = Quantity in line { $line }
cart-remove-of = Remove line { $line }
cart-nearest = Did you mean
cart-keys = Enter: next line · ↑ ↓: move · Ctrl+Enter: place the order
cart-save = Save and reprice
cart-totals = Totals
cart-lines = { $count ->
    [one] One line
   *[other] { $count } lines
 }
cart-wrong = { $count ->
    [one] One line cannot be ordered
   *[other] { $count } lines cannot be ordered
 }
cart-wrong-text = Mend or remove the lines that are marked in red.
cart-refused = The rule refuses this order
cart-failed = No prices just now
cart-approval = Needs approval once placed
remove = Remove
col-sku = SKU
col-line-total = Line total
line-number = Line { $line }:
pieces = { $count ->
    [one] 1 piece
   *[other] { $count } pieces
 }
subtotal = Subtotal
total = Total
credit-after = Credit left afterwards
credit-exceeded = Over your credit
credit-exceeded-text = You have { $left } left. Pay open invoices or order less.
earns-you = Expected to earn you
place-order = Place order for { $total }
place-order-empty = Place order

## Orders

orders-title = Orders
orders-new = New order
orders-by-status = Orders by state
orders-all = All
orders-search = Search
orders-search-hint = Order number, dealer or reference
orders-search-hint-dealer = Order number or your reference
orders-from = From
orders-to = To
orders-confirm-selected = Confirm selected
orders-confirm-selected-ask = The selected orders will be confirmed and can be shipped. Until then each can still be cancelled.
orders-selected = { $count } selected
orders-select-hint = Select placed orders to confirm them together.
orders-none-found = No order matches
orders-none-found-text = No order fits this search and these filters. Try a part of the number, or clear the filters.
orders-empty = No orders yet
orders-empty-text = Here you follow your orders from placing to shipment. Start with a quick order.
orders-empty-company = The orders of your dealers appear here as soon as they are placed.
orders-first = Place the first order
col-order-number = Order
col-status = State
col-size = Size
col-placed = Placed
col-shipped = Shipped
lines-pieces = { $lines } lines · { $pieces } pcs
select-all = Select all on this page
select-order = Select order { $number }

## Order

order-title = Order { $number }
order-placed-by = Placed by { $name }
order-reference = Reference
order-again = Order again
order-confirm = Confirm order
order-ship = Ship
order-lines = { $count ->
    [one] One line
   *[other] { $count } lines
 }
order-decision = the recorded decision
order-history = History
order-shipments = Shipments
order-no-shipments = Nothing has been shipped yet.
order-cancel = Cancel this order
order-approval = Waiting for approval
shipment-lines = What was in it
ship-lead = Enter what leaves now; the rest stays open for the next shipment.
ship-open = Open
ship-now = Ship now
ship-quantity-of = Quantity of { $name } to ship now
ship-warehouse = Warehouse
ship-tracking = Waybill number
ship-tracking-help = The dealer sees it on the order
ship-do = Record shipment
cancel-follows = If you cancel:
cancel-stock = { $count ->
    [one] 1 reserved piece goes back into stock
   *[other] { $count } reserved pieces go back into stock
 }
cancel-credit = { $amount } of credit becomes free again
cancel-final = The order cannot be revived; “Order again” makes a new one at that day's prices
cancel-reason = Reason
cancel-do = Cancel order { $number }

## Dealer's home

home-hello = Hello, { $name }
home-order = Start an order
home-open-orders = Open orders
home-open-orders-note = { $total } under way
home-earned = Incentives of the current period
home-earned-note = so far, before settlement
home-credit = Credit left
home-credit-note = of { $limit }
home-news = Messages
home-news-confirmed = { $number } was confirmed
home-news-partly-shipped = A part of { $number } was shipped
home-news-shipped = { $number } was shipped
home-news-cancelled = { $number } was called off
home-news-statement = { $program }, { $period }: the statement is there
home-all-orders = All orders
home-no-open = No open orders
home-no-open-text = Everything you ordered has been shipped.
home-no-programs = No programs yet
home-no-programs-text = When your vendor starts an incentive program for you, you see here what you have earned and what earns more.
home-reorder = Order again quickly
home-reorder-help = Fill in the quantities you need; empty lines are left out.
home-reorder-do = Add to quick order
home-last = Last time

## API documentation
api-title = API
api-lead = Bearer tokens, JSON, problem details (RFC 9457). Amounts are whole minor units of the currency beside them; prices and rates are decimals as strings.
api-description = The description for programs (OpenAPI 3.1)
api-parameters = Parameters
api-parameter = Parameter
api-place = Where
api-meaning = Meaning
api-body = Body

## Ordering
cart-no-rule = No pricing rule is active, so nothing can be priced. Tell the vendor.
cart-rule-failed = The pricing rule failed. Nothing was placed, and the vendor has been told; try again in a moment.
cart-not-priced = These rows cannot be priced just now. Try again in a moment.
cart-mend-first = Nothing was placed. Mend the rows that are marked first.
notice-nothing-selected = Nothing was selected. Tick the orders first.
notice-some-not-confirmed = Some of the orders had moved on and were left as they are; the others are confirmed.
conflict-no-rule = No plugin is active for this ({ $kind }). Upload one and activate it.
conflict-rule-failed = The { $kind } plugin failed ({ $error }). Nothing was changed; the failure is recorded for the vendor’s operations.
conflict-credit-limit = The order exceeds the credit by { $over }. Nothing was placed; reduce it or pay open invoices first.
conflict-key-reused = This Idempotency-Key was used for a different order. Use a new key.
conflict-prices-moving = Prices are changing just now. Check them and place the order again.
conflict-no-warehouse = The company has no warehouse yet. Add one and its stock.
invalid-stock = Only { $available } left of { $sku }
invalid-not-sold = This product is no longer sold
invalid-no-price = This product has no price yet
invalid-remaining = Only { $limit } remain to be shipped
invalid-login-wait = Too many failed log-ins. Wait a minute and try again
error-refused-title = The rule refuses this
error-refused-detail = Nothing was changed. See the reasons below.

## Settings form (drawn from a plugin's schema)

settings-row = Row
settings-row-title = { $noun } { $number }
settings-key = Name
settings-choose = Choose…
settings-unset = not set
settings-empty = empty
settings-between = { $low } to { $high }
settings-at-least = { $limit } or more
settings-at-most = { $limit } or less
settings-use = Use “{ $name }”
settings-add = Add { $noun }
settings-remove = Remove { $row }
settings-up = Move { $row } up
settings-down = Move { $row } down
settings-no-rows = Nothing here yet.
settings-list-help = Several, parted by commas
settings-changed = { $place }: { $before } → { $after }
settings-added = { $place } added: { $after }
settings-removed = { $place } removed: { $before }
settings-moved = { $before } moved, now { $after } ({ $place })
invalid-choice = Choose one of the values offered
invalid-json = This is not valid JSON: { $detail }
invalid-duplicate = This name is there twice; each may be there once
invalid-min-items = Add rows: at least { $limit } are needed
invalid-enum = Choose one of: { $allowed }
invalid-const = This must be { $expected }
invalid-type = This must be of type { $expected }
invalid-format = This must be a { $format }
invalid-pattern = This is not in the form that the rule expects: { $pattern }
invalid-unknown-field = The rule knows no setting “{ $field }”; leave it out
invalid-unique-items = Nothing may be there twice
invalid-multiple-of = This must be a multiple of { $limit }
invalid-min-properties = At least { $limit } are needed
invalid-max-properties = At most { $limit } are allowed
invalid-not-allowed = This is not allowed here
invalid-too-large = The settings are too large: at most { $limit } bytes
invalid-not-json = The settings are not JSON: { $detail }
invalid-other = This breaks the rule's own condition “{ $keyword }”
invalid-max-items = Remove rows: at most { $limit } are allowed

## Rules, incentives and targets (shared)

nav-settlements = Settlements
nav-decisions = Decisions
see-all = See all
filter-all = All
col-amount = Amount
col-by = By
col-calls = Calls, 24 h
col-changes = Changes
col-code = Code
col-day = Day
col-dealer = Dealer
col-failures = Failures, 24 h
col-fuel = Fuel
col-kind = Kind
col-lines = Lines
col-order = Order
col-outcome = Outcome
col-period = Period
col-plugin = Plugin
col-product = Product
col-program = Program
col-quantity = Quantity
col-region = Region
col-revision = Settings
col-scope = Scope
col-since = Since
col-state = State
col-steps = Actions
col-subject = Subject
col-tier = Tier
col-time-us = Time, µs
col-when = When
period-quarter = Q{ $quarter } { $year }
period-month = { $year }-{ $month }
period-year = { $year }
scope-company = Whole company{ $value }
scope-region = Region { $value }
scope-tier = Tier { $value }
scope-dealer = Dealer { $value }
kind-pricing = Pricing
kind-pricing-help = How the price of each order line is formed
kind-pricing-idle = Every order is at base price for now. Choose a plugin and activate it.
kind-pricing-none = Once a pricing plugin is uploaded and activated, dealers get their own prices. Until then orders are at base price.
kind-incentive = Incentive
kind-incentive-help = What a period's sales earn
kind-incentive-idle = No program is live, so closing a period pays nothing. Choose a plugin and activate it.
kind-incentive-none = Upload an incentive plugin and activate it for a program; then periods can be settled.
kind-kpi = KPI
kind-kpi-help = How dealers are scored against their targets
kind-kpi-idle = No KPI rule is live, so nobody is scored. Choose a plugin and activate it.
kind-kpi-none = Upload a KPI plugin and activate it; then dealers can be scored and ranked.
status-answered = Answered
status-retired = Retired
status-superseded = Replaced
failure-trap = The plugin crashed.
failure-out-of-fuel = The plugin did more work than it may and was stopped.
failure-deadline = The plugin ran too long and was stopped.
failure-memory = The plugin asked for more memory than it may have.
failure-bad-answer = The plugin's answer was not acceptable and was not used.
failure-bad-request = The host's own question was not in order; the plugin was not run.
failure-busy = Too busy; the plugin was not run.

## Plugins

plugins-lead = Which rules decide prices, incentives and scores: since when, by whom, and how they are doing.
plugins-upload = Upload a plugin
plugins-idle = Uploaded, but none is live
plugins-none = No plugin of this kind yet
plugins-uploaded = Uploaded versions ({ $count })
plugin-failing = { $count ->
    [one] { $name } { $version } is failing: once in 7 days
   *[other] { $name } { $version } is failing: { $count } times in 7 days
 }
plugin-see-failures = See the failures
plugin-settings = Settings
plugin-activate = Activate
plugin-failures-title = { $count ->
    [one] 1 failure in 7 days
   *[other] { $count } failures in 7 days
 }
plugin-failures-lead = { $share } of its calls. Each one is recorded; no order was silently skipped.
plugin-rollback = Roll back
plugin-rollback-to = Roll back to { $version }, settings { $number }
plugin-rollback-what = { $scope } goes back to { $name } { $version } with settings revision { $number }.
plugin-rollback-consequence = Affects { $dealers } dealers at once. Calculations under way finish on the present version; placed orders stay as they are.
plugin-rollback-confirm = Roll back to { $version } (settings { $number })? It holds for { $dealers } dealers at once. You can activate the present version again later.
failure-consequence-refused = What happened then: the order was refused and the dealer told why.
failure-consequence-last-good = What happened then: the last good version answered instead.
failure-consequence-base-price = What happened then: base price was used and marked for approval.
failure-consequence-not-settled = What happened then: the settlement posted nothing.
failure-evidence = Evidence
failure-input = Digest of the input
plugin-live = Live now
plugin-live-by = activated by { $by }
plugin-not-live = This version is not live anywhere.
plugin-calls-day = Calls in 24 hours
plugin-calls-week = { $count } in 7 days
plugin-failures-day = Failures in 24 hours
plugin-failures-week = { $count } in 7 days
plugin-p99 = 99 % of calls within
plugin-p99-help = Over 24 hours
plugin-fuel = Share of its fuel
plugin-fuel-help = The largest call
plugin-timeline = Versions and settings
timeline-uploaded = { $version } uploaded
timeline-activated = { $version } activated with settings { $number }
timeline-scheduled = { $version } scheduled with settings { $number }
timeline-settings = Settings revision { $number } saved
timeline-rolled-back = Rolled back to { $version }, settings { $number }
timeline-version = See { $version }
plugin-runs = Recent decisions
plugin-all-runs = All decisions
plugin-no-runs = It has not run yet. Once it is live, every evaluation is recorded here.
plugin-activate-title = Activate this version
plugin-activate-version = Activate { $version }
activate-program = Program
activate-program-help = Each program has its own
activate-scope = Scope
activate-scope-help = The narrower wins: dealer › tier › region › company
activate-revision = Settings revision
activate-reason = Reason
activate-consequence-pricing = New orders of { $dealers } dealers will be priced by this version; there were { $count } such orders last month. Placed orders keep their prices.
activate-consequence-incentive = The next settlement of { $dealers } dealers uses this version, over { $count } facts of the open period. What is posted stays; the next settlement posts the difference.
activate-consequence-kpi = The next scoring of { $dealers } dealers uses this version; { $count } existing scorecards stay.
plugin-about = About
plugin-name = Name
plugin-digest = Digest
plugin-contract = Contract
plugin-size = Size
plugin-uploaded = Uploaded
plugin-attributes = Attributes it reads
plugin-metrics = Metrics it needs
plugin-none = none
plugin-messages = All its messages ({ $count })
plugin-report = Verification report
check-structure = Structure and size are in order
check-imports = Imports nothing: no clock, files or network
check-contract = Fits a contract of this host
check-compile = Compiles within time and memory
check-describe = Describes itself completely
check-schema = Settings schema is safe and its defaults fit it
check-trial = Answers a trial question acceptably
check-cases = Does what the cases inside it say
check-repeat = Answers alike when asked twice
check-probes = Comes to an answer on odd questions
report-sizes = What plain questions take of what it may use
report-entries = Lines
report-memory = Memory
report-answer = Answer
probe-huge-quantity = A billion pieces
probe-free-product = List price zero
probe-finest-price = List price of a billionth
probe-dearest-price = List price of nine hundred trillion
probe-price-raised = A list price that has just been raised
probe-same-product = The same product twice
probe-whole-currency = A currency without decimals (JPY)
probe-fine-currency = A currency of three decimals (KWD)
probe-far-day = A day in the year 2100
probe-strange-words = Strange signs in names and attributes
probe-nothing-happened = A period without facts
probe-returns-alone = A period of returns alone
probe-large-amounts = Very large amounts
probe-nothing-paid = Amounts of zero
probe-budget-gone = A budget that is used up
probe-one-day = A period of one day
probe-nothing-measured = Nothing measured
probe-no-target = No target
probe-target-zero = A target of zero
probe-target-missed = A negative figure
probe-far-above = Far above the target
upload-lead = An upload is verified first. Nothing changes until you activate it.
upload-file = Plugin file
upload-file-help = The .wasm component that the build made, at most { $limit }
upload-submit = Upload and verify
upload-submit-help = Takes a few seconds
upload-checks = What is checked
upload-command = You can check it first on your own machine:
upload-refused = “{ $file }” was not taken
upload-engine-says = In the engine's words:
upload-nothing-kept = Nothing was kept. Mend it and upload again.
upload-accepted = { $name } { $version } is verified
upload-already = The same file was uploaded before; nothing new was made.
upload-next-approval = Next: somebody else looks at it and approves it. Then it can be activated.
upload-see = See its page
upload-next = Next: look through its settings, then activate it for a scope from a date.
upload-activate = Activate it
refusal-not-wasm = This is not a WebAssembly file.
refusal-not-wasm-mend = Upload the .wasm component that the plugin's build made.
refusal-core-module = This is a core module, not a component.
refusal-core-module-mend = Turn it into a component with the SDK's tools and upload that.
refusal-too-large = The file is larger than is taken.
refusal-too-large-mend = Build it in release mode and strip it.
refusal-imports-function = The plugin wants something from the host; that is not allowed.
refusal-imports-function-mend = All that a plugin may know is in its input. Remove these imports and build for wasm32-unknown-unknown, without WASI:
refusal-wrong-world = The component fits no contract of this host.
refusal-wrong-world-mend = Check the version of the SDK and that it exports exactly one kind.
refusal-bad-structure = The file is damaged or uses what is not allowed.
refusal-bad-structure-mend = Build it again with the SDK's tools.
refusal-compile-too-slow = Compiling took too long.
refusal-compile-too-slow-mend = Make the plugin smaller or its functions shorter.
refusal-compile-too-big = Compiling needs more memory than allowed.
refusal-compile-too-big-mend = Make the plugin smaller.
refusal-compiler-failed = The host's compiler did not run; that is not the plugin's fault.
refusal-compiler-failed-mend = Tell the operator, then upload again.
refusal-describe-failed = The plugin does not describe itself.
refusal-describe-failed-mend = Check its describe function.
refusal-bad-descriptor = The plugin's description of itself is wrong.
refusal-bad-descriptor-mend = Mend what is named below and build it again.
refusal-bad-schema = The settings schema cannot be used.
refusal-bad-schema-mend = A schema may refer only to its own definitions and has limits of depth and size. Mend what is named below.
refusal-bad-defaults = The default settings do not fit the plugin's own schema.
refusal-bad-defaults-mend = Change the defaults or the schema.
refusal-trial-failed = The plugin fails on a simple question with its default settings.
refusal-trial-failed-mend = Reproduce it with the SDK's test kit and mend it.
refusal-bad-cases = The cases inside the component cannot be read.
refusal-bad-cases-mend = Build it again with the SDK's tools.
refusal-case-differs = The plugin does not do what a case inside it says.
refusal-case-differs-mend = Run `qudao plugin test` on the project, then mend the plugin or the case.
refusal-not-deterministic = The plugin answers the same question in two ways.
refusal-not-deterministic-mend = Its decisions could not be replayed. Tell the operator, with the plugin.

## Settings of a rule

settings-title = Settings of { $name }
settings-crumb = Settings
settings-base = Live: revision { $number } · { $scope } · by { $by }
settings-base-none = This plugin is not live yet; you start from its defaults.
settings-row-actions = Row actions
settings-becomes = becomes
settings-difference = What differs from live revision { $number }
settings-difference-first = What differs from the defaults
settings-no-difference = Nothing differs.
settings-when = From when, for whom
settings-scope = Scope
settings-scope-help = Replaces the settings that hold there now
settings-from = From
settings-from-help = Empty means at once; in the company's time zone
settings-note = Note
settings-note-help = For colleagues and auditors: why
settings-save-activate = { $count ->
    [one] Save and let it hold from then (1 change)
   *[other] Save and let it hold from then ({ $count } changes)
 }
settings-save = Save as a new revision
settings-save-help = No revision is ever overwritten; you can always go back.
settings-activate-first = This plugin is not live yet. Save, then activate it on its page.
settings-history = Revisions
settings-history-help = Each save is a revision that never changes
settings-revision = Revision { $number }
settings-changes = { $count ->
    [one] 1 change
   *[other] { $count } changes
 }
settings-defaults = The plugin's defaults
settings-not-used = Not used
settings-start-here = Start from this
effect-title = Effect on recent business
effect-orders = { $count } orders from { $first } to { $last }, priced again
effect-dealers = { $count } dealers from { $first } to { $last }, settled again
effect-before = As it is
effect-after = As typed
effect-difference = Difference
effect-touched = Changed
effect-touched-of = { $changed } of { $cases }
effect-refused = Would be refused
effect-row-refused = refused
effect-largest = The largest changes
effect-none = There is no recent business to try this on. Once there are orders, the effect shows here.
effect-failed = It cannot be tried
effect-again = Try again with what is typed

## Decisions

decisions-title = Decisions
decisions-lead = Every evaluation that decided money or a score, each one replayable.
decisions-kinds = By kind
decisions-search = Search decisions
decisions-search-hint = Order, dealer or decision id
decisions-none = No decisions
decisions-none-help = After an order, a settlement or a scoring, how it was decided stands here.
decision-title = Decision …{ $id }
decision-replay = Replay
decision-settings = Settings
decision-binding = Held by
decision-binding-since = since
decision-made-for = Decided for
decision-made-at = Recorded
decision-engine = Engine
decision-elapsed = Time
decision-parent = Follows from
decision-input = Input
decision-output = Output
decision-cut = only the beginning; download the whole
replay-identical = Identical
replay-identical-fuel = The same bytes and the same fuel, { $fuel } ({ $engine }).
replay-identical-other-fuel = The same bytes. Fuel is { $fuel } ({ $engine }); the engine is not the recorded version.
replay-different = The replay differs from the record
replay-different-help = Do not correct any account by it; tell the operator first. The first difference:
replay-where = Where
replay-recorded = Recorded
replay-now = Replayed

## Statements and settlements

statements-lead = What each period and program earned, and how.
statements-search = Search statements
statements-sum = Total
statements-none = No statements yet
statements-none-dealer = After a period is settled, your incentives stand here with every step.
statements-none-finance = Settle a program and a period; the statements follow at once.
statement-title = { $program } · { $period }
statement-total = Incentive earned
statement-last-change = Last posting
statement-first = First settlement
statement-run = settlement no. { $number }
statement-evidence = Download the evidence
statement-superseded = A later settlement replaced this statement
statement-see-newer = See the latest statement
statement-others = { $count } others
statement-earned = Earned in the period
statement-before = Posted before
statement-now = Posted now
statement-currency = Amounts in { $currency }
statement-by-program = By program
statement-all-programs = All programs
statement-decision = See the decision
statement-lines = Line by line
statement-lines-help = Open one for its steps and what it rests on
statement-no-lines = Nothing was earned this period; the reasons are below.
statement-facts = What it rests on ({ $shown } of { $count })
statement-all-facts = Download all { $count }
statement-unpaid = Why not more
basis-all = rests on every shipment of the period ({ $count }){ $value }
basis-category = rests on the shipments of { $value } ({ $count })
basis-facts = rests on { $count } shipments{ $value }
fact-returned = returned
settlements-title = Settlements
settlements-lead = By program and period. Settling again posts only the difference; nothing is paid twice.
settlements-grid = Programs by period
settlements-none = Nothing settled yet
settlements-none-help = Choose a program and a period above to settle for the first time.
settlements-no-program = No program yet
settlements-no-program-help = Operations must first activate an incentive plugin for a program.
settlement-run-title = Settle a period
settlement-run = Settle and post the difference
settlement-run-help = Large periods take minutes; you may leave, the result is listed below.
settlement-period-help = 2026-Q4, 2026-11 or 2026
settlement-nothing = Nothing to post: the difference is 0
settlement-nothing-help = { $program }, { $period }, settlement { $number }: the result equals what is posted. Nothing is paid twice.
settlement-posted = { $amount } posted
settlement-posted-help = { $program }, { $period }: from { $facts } facts, { $statements } statements.
settlement-see-statements = See the statements
settlement-runs = Settlement runs
settlement-number = Run
settlement-nth = no. { $number }
settlement-facts = Facts
settlement-total = Period's total
settlement-difference = Posted now
settlement-zero = 0, no difference
settlement-again = Settle again
settlement-open = Not settled
settlement-late = { $count ->
    [one] 1 fact since
   *[other] { $count } facts since
 }
settlement-budget = Budget
settlement-budget-left = { $amount } left
settlement-no-budget = No limit

## Ranking and scorecards

ranking-lead = { $count } dealers scored
ranking-score = Score { $period } again
ranking-chart = The first { $count }
ranking-chart-text = Bar chart of scores; first is { $first } with { $score }
ranking-rank = Rank
ranking-change = Against last period
ranking-new = new
ranking-up = up { $count }
ranking-down = down { $count }
ranking-same = same
ranking-none = No scores yet
ranking-none-company = Activate a KPI plugin and set targets; then a period can be scored.
ranking-none-dealer = After a period is scored, ranks and scores stand here.
scorecard-title = { $dealer } · { $period }
scorecard-short = Score, { $period }
scorecard-scored = scored
scorecard-total = Total score
scorecard-total-help = Sum of weight × score
scorecard-grade = Grade
scorecard-rank = { $rank } of { $count }
scorecard-previous = Last period
scorecard-indicators = Indicators
scorecard-indicator = Indicator
scorecard-weight = Weight
scorecard-target = Target
scorecard-actual = Actual
scorecard-attainment = Attainment
scorecard-score = Score
scorecard-counts = Counts
scorecard-no-target = no target
scorecard-no-data = no data
scorecard-how = How

## Dealers

dealers-lead = { $count } in all
dealers-search = Search dealers
dealers-search-hint = Name or code
dealers-no-match = No dealer matches
dealers-no-match-help = Try another word, or clear the filters.
dealers-none = No dealers yet
dealers-none-help = Export the dealers from your present system and import them at once:
dealer-parent = Reports to
dealer-top = Top of its tree
dealer-level = level { $level }
dealer-branch = Below it
dealer-below = Dealers below
dealer-no-branch = No dealers below.
dealer-orders-year = Orders, 12 months
dealer-turnover-year = Turnover, 12 months
dealer-turnover-before = { $amount } the year before
dealer-orders-open = Open orders
dealer-open-value = worth { $amount }
dealer-orders = Recent orders
dealer-incentives = Incentives
dealer-incentives-year = Earned in 12 months
dealer-credit-left = Credit left
dealer-credit-of = of { $amount }
dealer-owed = Owed
dealer-no-limit = No credit limit
dealer-order-for = Order for this dealer
dealer-profile = Profile
dealer-terms = Terms
dealer-terms-days = { $count } days
dealer-since = Since
dealer-no-orders = No orders yet.
dealer-no-statements = No statements yet.

## Homes of operations, pricing, finance and sales

home-greeting = Hello, { $name }
home-ops-lead = Orders and rules, today
home-pricing-lead = Pricing rules and what they do
home-finance-lead = Incentives accrued and settled
home-sales-lead = Your dealers this quarter
home-todo = To do today
home-todo-none = Nothing is waiting for you.
home-todo-confirm-orders = { $count ->
    [one] 1 order waits to be confirmed
   *[other] { $count } orders wait to be confirmed
 }
home-todo-ship-orders = { $count ->
    [one] 1 order waits to be shipped
   *[other] { $count } orders wait to be shipped
 }
home-todo-failing-plugins = { $count ->
    [one] 1 plugin is failing
   *[other] { $count } plugins are failing
 }
home-todo-activate-plugins = { $count ->
    [one] 1 verified plugin is not live
   *[other] { $count } verified plugins are not live
 }
home-todo-scheduled = { $count ->
    [one] 1 rule change takes effect soon
   *[other] { $count } rule changes take effect soon
 }
home-todo-finish-orders = { $count ->
    [one] 1 order is shipped in part
   *[other] { $count } orders are shipped in part
 }
home-todo-unpriced-products = { $count ->
    [one] 1 product has no price
   *[other] { $count } products have no price
 }
home-todo-settle-periods = { $count ->
    [one] 1 ended period is not settled
   *[other] { $count } ended periods are not settled
 }
home-todo-late-facts = { $count ->
    [one] 1 settled period has later facts
   *[other] { $count } settled periods have later facts
 }
home-todo-quiet-dealers = { $count ->
    [one] 1 dealer has not ordered for 90 days
   *[other] { $count } dealers have not ordered for 90 days
 }
home-todo-behind-target = { $count ->
    [one] 1 dealer is behind target
   *[other] { $count } dealers are behind target
 }
home-first = Start here
home-first-products = Import products and price lists
home-first-dealers = Import dealers
home-first-upload = Upload the first plugin
home-first-activate = Activate a pricing rule
home-first-settings = Look through the rule's settings
home-first-program = Make an incentive program
home-first-settle = Settle the first period
home-first-targets = Set targets
home-first-done = done
home-rules = Rules that hold now
home-no-rules = No rule is live. Nothing can be ordered before a pricing rule is.
home-confirm-orders = Confirm orders
home-orders-today = Orders today
home-worth = worth { $amount }
home-to-confirm = To confirm
home-oldest = { $days ->
    [0] since today
    [one] the oldest has waited 1 day
   *[other] the oldest has waited { $days } days
 }
home-oldest-none = nothing waits
home-to-ship = To ship
home-lines = { $count ->
    [one] 1 line
   *[other] { $count } lines
 }
home-rule-calls = Decisions in 24 hours
home-rule-failures = besides, { $count } calls failed
home-newest-orders = Newest orders
home-no-orders = No orders yet
home-no-orders-help = Dealers can order as soon as they log in. Check first that they have users.
home-edit-rule = Edit { $name }
home-turnover-month = Ordered this month
home-orders = { $count ->
    [one] 1 order
   *[other] { $count } orders
 }
home-discount = Average discount
home-discount-before = { $share } last month
home-discount-before-none = off the list prices
home-unpriced = Products without a price
home-unpriced-help = cannot be ordered
home-changes = Recent changes of settings
home-no-changes = No settings were changed yet.
home-settle = Settle a period
home-accrued = Incentives accrued
home-share = Share of turnover
home-share-help = of { $amount } turnover
home-budget-left = Budget left
home-budget-of = of { $amount }
home-receivable = Receivable
home-receivable-help = { $count ->
    [one] 1 dealer
   *[other] { $count } dealers
 }
home-programs = Programs
home-settled = settled
home-top-statements = Largest statements
home-turnover-quarter = Turnover this quarter
home-growth = { $share } on the same days last year
home-growth-none = nothing in the same days last year
home-attainment = Attainment
home-attainment-help = of the quarter's target, so far
home-attainment-none = no targets for this quarter
home-active-dealers = Active dealers
home-active-of = { $active } of { $count }
home-active-help = ordered this quarter
home-quiet-dealers = Quiet dealers
home-quiet-help = no order for 90 days
home-ranking = Leading the ranking
home-quiet-title = Dealers to call
home-no-quiet = No dealer has fallen silent for 90 days.
home-last-order = Last order
home-change-year = On last year

## What pages about plugins, settings and decisions say when something was done or is wrong

conflict-binding-tie = Something else begins to hold there at the same moment. Choose another moment.
conflict-already-holds = This plugin with these settings holds there already. Nothing was changed.
conflict-plugin-retired = This plugin was retired. Activate another version.
conflict-nothing-before = Nothing else held there before, so there is nothing to go back to.
conflict-stream-differs = The facts that this decision rests on are no longer the same. Tell the operator; the database may need to be restored.
invalid-program-needed = Choose a program: an incentive plugin holds for one
invalid-program-scope = A program has one rule for the whole company; what differs by region, tier or dealer goes into its settings
invalid-program-unwanted = Leave the program out; only incentive plugins have one
invalid-unknown-program = There is no program with this code
invalid-unknown-scope = No dealer is in this scope
invalid-unknown-revision = The plugin has no settings of this number
invalid-past = This moment is past. Choose a later one, or leave it empty for now
invalid-moment = Enter a moment as 2026-11-24T08:30, or leave it empty for now
invalid-binding-tie = Something else begins to hold there at the same moment. Choose another moment
invalid-already-holds = This plugin with these settings holds there already
invalid-cannot-run = The plugin fails with these settings on a simple question, so they were not activated: { $error }
invalid-stale = Somebody changed the live settings or saved others after you opened this page. Everything you typed is still here: compare it with what is live now, then save again
notice-plugin-activated = The plugin is activated and holds from now on.
notice-plugin-scheduled = The activation is scheduled.
notice-plugin-rolled-back = Rolled back. What held before holds again.
notice-settings-saved = Saved as a new revision. It holds nowhere until you activate it.
notice-settings-unchanged = These settings are the latest revision already; nothing new was saved.
notice-settings-activated = Saved and activated. New calculations use these settings.
notice-settings-scheduled = Saved. The settings will hold from the moment you chose.
subject-order = Order …{ $id }
subject-settlement = Settlement …{ $id }
subject-scorecard = Scorecard …{ $id }
subject-dealer = Dealer { $id }
subject-program = Program { $id }
subject-other = { $id }
effect-mend-first = Mend the marked fields first; then the effect can be tried.

# Programs, settlements, scorecards: what can be wrong, and what was done
invalid-period = Write a year (2026), a quarter (2026-Q4) or a month (2026-11)
invalid-period-calendar = This program settles by other periods, such as { $example }
invalid-period-future = This period has not begun yet
invalid-program-without-rule = No plugin is active for this program. Upload one and activate it for the program
invalid-dealer = There is no dealer with this code
invalid-code = Use up to 40 lower-case letters, digits and hyphens
invalid-name = Write a name of at most 100 characters
invalid-number = Write a number of at most 19 digits, 9 of them decimals
invalid-not-negative = Write 0 or more, or leave it empty
conflict-program-exists = There is a program with this code already.
conflict-settlement-raced = Somebody else is settling this program. Look at the runs, then settle again.
conflict-query-version = This decision was made by an older version that can no longer be replayed here.
notice-scored = The period is scored; the ranking below is the new one.
notice-scored-partly = The period is scored, but the rule refused some dealers; see the decisions.

# Catalogue and dealers
product-prices = Base prices
product-no-prices = No base price yet. Set one over the API or import a price list.
product-kept = Stock
product-none-kept = Nothing was counted yet.
col-from = From
col-warehouse = Warehouse
col-on-hand = On hand
col-reserved = Reserved
invalid-short-code = Write up to { $limit } characters without blanks and / ? # % \
invalid-ring = A dealer cannot stand above itself. Choose another dealer above
invalid-attribute = Write a text, a whole number, true or false, or a tagged value
invalid-price = Enter a price that is not negative, with at most 9 decimals
invalid-amount = Enter an amount that fits the currency
invalid-warehouse = There is no warehouse with this code
conflict-stock-reserved = Orders have reserved { $reserved } pieces of { $sku }. Count at least as many, or cancel orders first.

## Approval, canary, failure and incidents
plugin-approve = Approve
approve-note = What you looked at
plugin-approve-version = Approve { $version }
plugin-approval-title = Approval
plugin-approval-lead = { $by } uploaded this version. Somebody else must approve it before it can be made to hold.
plugin-approval-look = Look at the verification report, the messages and the settings first.
plugin-approval-own = You uploaded it yourself, so somebody else must approve it.
plugin-approval-not-you = Your role may not approve plugins.
plugin-approval-roles = May approve:
plugin-retire = Retire
plugin-retire-lead = Takes this version out of use. It holds nowhere, and its decisions can still be replayed. You can take it back.
plugin-retire-version = Retire { $version }
plugin-restore = Take back
plugin-restore-lead = Takes this version back. It waits for approval again.
plugin-restore-version = Take { $version } back
binding-share = { $share } % of dealers
on-failure-refuse = Refuse with the reason
on-failure-last-good = The version before answers
on-failure-base-price = List price, held for approval
activate-dealer = Only for one dealer
activate-dealer-help = Its code; leave it empty for the scope above
activate-share = For how many dealers
activate-share-help = Below 100 %: a fixed part of the dealers tries it, the others keep what holds now. Raise it step by step.
activate-on-failure = When it fails
activate-on-failure-help = No order is ever silently skipped: each failure is recorded and shown.
timeline-approved = { $version } approved
timeline-retired = { $version } retired
timeline-restored = { $version } taken back
timeline-rolled-back-automatically = Rolled back to { $version } automatically, settings { $number }
incident-title = { $count ->
    [one] Failed once too often
   *[other] Failed { $count } times in a short while
  }
incident-restored = What held before was put back automatically: { $version }.
incident-nothing-before = Nothing held here before, so nothing could be put back. Activate another version.
incident-note = What you found
incident-close = Looked into
alarm-title = { $name } { $version } failed { $count ->
    [one] once
   *[other] { $count } times
  } in a short while
alarm-restored = { $version } was put back automatically.
alarm-not-restored = Nothing held before, so it is still live.
alarm-look = See what happened
policy-title = Rules for plugins
policy-lead = How careful your company is before a version goes live, and after it fails.
policy-read-only = Your company's administrator can change this.
policy-approval = Approval
policy-second-person = A second person must approve each version
policy-second-person-help = Somebody who did not upload it. Without this, whoever activates a version approves it.
policy-approvers = Who may approve
policy-breaker = Automatic rollback
policy-breaker-help = A rule that keeps failing is replaced by what held before it, and everybody who runs plugins is told.
policy-breaker-failures = After how many failures
policy-breaker-failures-help = 0 switches it off.
policy-breaker-minutes = Within how many minutes
policy-save = Save the rules
conflict-own-upload = You uploaded this version yourself. Somebody else must approve it.
conflict-plugin-state = This version stands elsewhere by now ({ $state }). Look at its page again.
conflict-plugin-live = It holds or is scheduled for { $place }. Put something else there first.
conflict-plugin-unapproved = This version waits for approval by somebody other than who uploaded it.
invalid-share-unwanted = A program is settled by one rule for everybody; leave the share at 100
invalid-on-failure-unwanted = Settlements, scorings and registrations wait until the rule is mended; only pricing can go on otherwise
invalid-role = The role { $role } may not approve plugins
notice-plugin-approved = Approved. It can be activated now.
notice-plugin-retired = The version is retired.
notice-plugin-restored = The version is back and waits for approval.
notice-incident-closed = Noted. The alarm is off.
notice-policy-saved = The rules for plugins are saved.
status-approved = Approved
status-base-price = List price

## Simulations
policy-needs-simulation = A pricing or incentive version must be simulated first
policy-needs-simulation-help = With at least one guard, and every guard must hold.
simulate-title = Try it over what really happened
simulate-lead = { $kind ->
    [incentive] The periods of a program are worked out again with this version; nothing is posted. While a guard does not hold, the version cannot be approved.
    [kpi] Periods are scored again with this version; no scorecard is changed.
   *[pricing] The orders of these days are priced again with this version; nothing is changed. While a guard does not hold, the version cannot be approved.
}
simulate-first = From day
simulate-last = To day
simulate-most-loss = { $kind ->
    [incentive] No dealer is paid more than … less
   *[pricing] No dealer pays more than … more
}
simulate-most-loss-help = Guard, over all these days; leave it empty for none
simulate-most-cost = { $kind ->
    [incentive] We pay at most … more
   *[pricing] We get at most … less
}
simulate-most-cost-help = Guard, over all these days; leave it empty for none
simulate-start = Start the simulation
simulation-title = Simulation
simulation-of = { $name } { $version }, settings { $number }
simulation-running = { $kind ->
    [incentive] Working out periods again
    [kpi] Scoring periods again
   *[pricing] Pricing orders again
}
simulation-progress = { $kind ->
    [pricing] { $done } of { $orders } orders
   *[other] { $done } of { $orders } periods
}
simulation-leave = You may leave this page and come back.
simulation-cancel = Cancel
simulation-file = XLSX
simulation-back = To the version
simulation-failed-title = The simulation could not go on
simulation-cancelled-text = { $kind ->
    [pricing] Cancelled after { $done } of { $orders } orders.
   *[other] Cancelled after { $done } of { $orders } periods.
}
simulation-before = As it was
simulation-after = As it would be
simulation-change = Change
simulation-share = by { $share }
simulation-instead = instead of { $before }
simulation-orders = Orders
simulation-changed = Orders changed
simulation-of-orders = of { $count }
simulation-refused = Newly refused
simulation-failed = Failed
simulation-took = { $lines } lines in { $seconds } s
simulation-how = Each order is priced for its own day, with the list prices that its lines recorded and the dealers and products as they stand now. Refused and failed orders are not in the sums.
simulation-chart = Change by month
simulation-months = By month
simulation-dealers = By dealer, the largest changes
simulation-products = By product, the largest changes
simulation-changes = The largest changes
simulation-refusals = Orders that would be refused
simulation-failures = The plugin failed on { $count ->
    [one] one order
   *[other] { $count } orders
  }
guard-loss-held = Guard held: no dealer pays more than { $most } more
guard-loss-broken = Guard broken: a dealer would pay more than { $most } more
guard-loss-found = The largest rise is { $found } { $dealer }
guard-cost-held = Guard held: we get at most { $most } less
guard-cost-broken = Guard broken: we would get more than { $most } less
guard-cost-found = We would get { $found } less.
col-what = What
col-figure = Figure
col-days = Days
currency = Currency
col-name = Name
col-count = Count
col-reason = Reason
col-month = Month
status-done = Done
conflict-simulation-kind = Deal plugins are not tried over a range of days. Compare two versions or settings instead: both are asked what was registered last.
conflict-simulations-running = { $most ->
    [one] A simulation runs already.
   *[other] { $most } simulations run already.
} Wait for one, or cancel it.
conflict-quota-plugins = Your company may have { $most } plugins. Retire one, or ask the operator of this server for more.
conflict-quota-component = Your company’s plugins may have { $most } bytes; this one has { $bytes }. Make it smaller, or ask the operator of this server for more.
conflict-guard-failed = A guard of its last simulation did not hold. Mend the version or its settings and try again.
conflict-simulation-needed = Your company approves a version only after a simulation whose guards held. Run one first.
invalid-no-orders = There are no orders on these days
invalid-negative = Write an amount of zero or more
invalid-order = The last day must not be before the first
notice-simulation-begun = The simulation runs.
notice-simulation-cancelled = The simulation stops in a moment.

## Runs that decided nothing

runs-title = Failures and samples
runs-lead = Evaluations that decided nothing: every one that failed, and a sample of the prices that were asked and not ordered.
runs-search = Narrow the runs
runs-dealer = Dealer’s code
runs-failed = All failures
runs-none = No such run
runs-none-help = Nothing failed, and none of the sample fits.
runs-policy = What is kept
runs-policy-help = What decided something is kept for ever, under Decisions. These runs are forgotten after some time.
runs-keep-days = Keep for days
runs-sample = Sample
runs-sample-help = Of a thousand prices that were asked and not ordered, so many are kept. 0 keeps failures alone.
runs-policy-saved = What is kept was changed.
run-title = Run …{ $id }
run-again = Run again
run-again-same = It ended as before, with { $fuel } fuel. Nothing was stored.
run-again-other = It ended otherwise this time. Nothing was stored.
run-no-input = The input was too large to be kept; its hash stands below.
failure-open = Open this run
conflict-run-of-facts = A settlement that failed is run again by settling the period again.
conflict-run-without-input = The input of this run was too large to be kept.

## Comparisons

compare-title = Compare
compare-lead = Two versions, or two settings of one, side by side: what changed, and what both make of the latest orders, periods or registrations. Nothing is stored.
compare-link = Compare with another version or other settings
compare-one = Before
compare-other = After
compare-do = Compare
compare-changed = Orders that come out otherwise
compare-of = { $changed } of { $orders }
compare-orders-help = The latest orders, priced by both
compare-orders = The largest differences
compare-no-orders = There are no orders yet that both could price.
compare-settings = Settings
compare-settings-same = The settings say the same.
compare-about = The plugin
compare-about-same = Both are the same version.
compare-place = Place
compare-nothing = There is nothing else to compare with: no other version and no other settings.

## Registered deals

nav-deals = Deals
nav-my-deals = My deals
status-accepted = Accepted
status-asked = To be decided
status-withdrawn = Withdrawn
status-replaced = Replaced
status-expired = Expired
deals-lead = Who registered which customer, and what the rule says. Whoever comes first is protected; nobody is told who the other is.
deals-search = Customer
deals-none = No registrations
deals-none-help = Register a customer before you quote, and nobody else is sent after the same deal.
deal-register-title = Register a deal
deal-register = Register
deal-register-help = The rule decides at once.
deal-customer = Customer
deal-customer-help = The full name. Names written alike are the same customer
deal-number = Registered number
deal-number-help = Such as the unified social credit code; tells companies of the same name apart
deal-region = Customer's region
deal-claimant = Registered by
deal-direct = Direct sales
deal-category = Category
deal-skus = Products
deal-skus-help = SKUs, separated by commas
deal-amount = Expected amount
deal-close = Expected close
deal-close-on = Expected close { $day }
deal-progress = Progress
deal-progress-help = When you registered this customer before: what happened since. It may extend your protection
deal-note = Note
deal-until = Protected until
deal-until-asked = Once somebody accepts it
deal-floor = Price floor
deal-floor-share = Of the list price; holds for everybody who quotes
deal-floor-all = For the whole deal; holds for everybody who quotes
deal-share = Your share
deal-why = Why
deal-no-note = No reason was given
deal-decision = Decision
deal-facts = What was registered
deal-others = Others for this customer
deal-others-help = Dealers do not see this
deal-withdraw = Withdraw
deal-withdraw-confirm = The customer is free for others then. What this registration ended stays ended. Withdraw it?
deal-decide-title = Decide this registration
deal-decide-note = Reason
deal-decide-help = The claimant reads it; needed to refuse. Accepted, it ends the registrations that stand in its way
deal-accept = Accept
deal-refuse = Refuse
notice-deal-decided = Decided. The claimant sees it with your reason.
notice-deal-withdrawn = Withdrawn. The customer is free for others.
conflict-deals-moving = Others are registering this customer just now. Try again in a moment.
conflict-deal-state = This registration is no longer open ({ $state }). Look at it again.
conflict-own-deal = You registered this customer yourself. Somebody else must decide.
invalid-unknown-category = No product is of this category
invalid-days = Enter a day from { $first } to { $last }
kind-deal = Deals
kind-deal-help = Who owns an opportunity that several register
kind-deal-idle = No deal rule is live, so nobody can register a deal. Choose a plugin and activate it.
kind-deal-none = Upload a deal plugin and activate it; then dealers and sales can register their customers.
activate-consequence-deal = New registrations of { $dealers } dealers are ruled by this version; there were { $count } last month. What was ruled stays.
failure-consequence-not-registered = What happened then: nothing was registered; the claimant was told to try later.
subject-deal = Deal …{ $id }
subject-salesperson = Salesperson …{ $id }
probe-nobody-before = Nobody registered before
probe-worth-nothing = An amount of zero
probe-all-own = All earlier registrations are the claimant's own
probe-all-undecided = All earlier registrations are undecided
probe-protection-ends-today = Protections that end today
probe-closes-today = A deal that closes today
probe-direct-sales = Direct sales as claimant

# Signatures, export and import of plugins
keys-title = Signing keys
keys-lead = Whoever signs a plugin vouches that the file is theirs and unchanged. The company trusts these keys.
keys-needed = The company takes and approves signed versions only.
keys-not-needed = Signatures are checked where there are any. The rules for plugins say whether every version needs one.
keys-list = Keys
keys-none = No keys yet.
keys-how = How to sign
keys-how-pair = The author makes a pair. The private key stays with them:
keys-how-add = The administrator adds the public half, author.key.pub, here.
keys-how-sign = The author signs each build, and the signature goes along with the upload:
key-added = Added by { $by }
key-revoked = Revoked by { $by }
key-versions = { $count ->
    [one] signed one version
   *[other] signed { $count } versions
 }
key-revoke = Revoke
key-revoke-what = { $count ->
    [0] It signed nothing yet. It is never trusted again.
    [one] It signed one version. What holds goes on; what was not approved yet needs another signature where the company wants one. The key is never trusted again.
   *[other] It signed { $count } versions. What holds goes on; what was not approved yet needs another signature where the company wants one. The key is never trusted again.
 }
key-revoke-reason = Why
key-revoke-confirm = Revoke { $name } for ever?
key-revoke-this = Revoke { $name }
key-add = Add a key
key-name = Name
key-name-help = Whose key it is: a person, a team, a supplier
key-public = Public key
key-public-help = The text of the file that ends in .pub, from BEGIN PUBLIC KEY to END PUBLIC KEY
key-add-submit = Trust this key
status-trusted = Trusted
status-revoked = Revoked
policy-needs-signature = Every version must be signed
policy-needs-signature-help = By one of the company's signing keys that is not revoked. Unsigned uploads are refused then, and what was uploaded without a signature cannot be approved until the same file comes with one. What is approved already goes on.
upload-signature = Signature
upload-signature-help = The .sig file that qudao plugin sign made, where there is one
upload-signature-needed = The company takes signed plugins only: the .sig file that qudao plugin sign made
upload-signed-by = Signed with the key { $name }.
import-title = Bring a plugin with its history
import-lead = A file that another company or server exported. It goes through the same checks and waits for approval; its settings come along.
import-file = Exported file
import-file-help = The .qudao-plugin.zip file, at most 32 MB
import-submit = Verify and import
plugin-export = Export
past-title = What happened at { $name } ({ $code })
past-tag = Imported
past-lead = As their export of { $day } tells it. Nothing of this was done here.
past-events = { $count ->
    [one] One event
   *[other] { $count } events
 }
signing-title = Signatures
signing-nobody = Nobody signed this version. Upload the same file with a signature to add one.
signing-revoked = Every key that signed this version is revoked. Upload the same file with a signature by a key that holds.
plugin-approval-nobody = It cannot be approved yet: nobody signed it, and the company wants a signature. Upload the same file with one.
plugin-approval-revoked = It cannot be approved: every key that signed it is revoked. Upload the same file with a signature by a key that holds.
timeline-signed = { $version } signed
timeline-imported = { $version } imported
timeline-settings-imported = Settings revision { $number } imported
notice-signing-key-added = The key is trusted from now on.
notice-signing-key-revoked = The key is revoked.
notice-plugin-imported = Imported. It is verified; what is new here is on this page.
conflict-signing-key-known = The company has this key already, as { $name }.
conflict-signing-key-was-revoked = This key ({ $name }) was revoked and is never trusted again. Make a new pair.
conflict-plugin-unsigned = Nobody signed this version, and the company wants that. Upload the same file with a signature.
conflict-plugin-key-revoked = Every key that signed this version is revoked. Upload the same file with a signature by a key that holds.
conflict-export-too-large = Its { $part } is too large for one file: the history is too long.
invalid-key-private = This is a private key, and now it is a secret no longer. Make a new pair and add its public half (.pub).
invalid-key-unreadable = This is no Ed25519 public key. Paste the whole text of the .pub file.
invalid-key-weak = Signatures by this key prove nothing. Make a pair with qudao plugin keygen.
invalid-signature-format = This is no signature. Use the .sig file that qudao plugin sign made.
invalid-signature-other-file = The signature is for another file. Sign this very file again.
invalid-signature-key-unknown = The key { $key } is none of the company's. Sign with one of them, or have the administrator add it.
invalid-signature-key-revoked = The key { $name } was revoked ({ $reason }). Sign with another.
invalid-signature-wrong = The signature is not by the key { $name } for this file, or was changed since. Sign the file again.
invalid-signature-required = The company takes signed plugins only. Sign the file with qudao plugin sign and send the signature along.
invalid-export-no-zip = This is no zip file, or its end is missing. Export the plugin again, or fetch the file again.
invalid-export-foreign = This is no export of a plugin. The button on a plugin's page makes one.
invalid-export-version = The file has version { $found }, this server reads version { $known }. Update the older of both servers.
invalid-export-parts = The part { $part } is missing, there twice, or does not belong there. Export the plugin again.
invalid-export-part-too-large = { $part } is larger than { $limit } bytes, which is the most that is read.
invalid-export-damaged = The part { $part } was changed or damaged since the export. Export the plugin again, or fetch the file again.
invalid-export-unreadable = The part { $part } cannot be read: { $why }

## Costs and margins
product-costs = What it costs us
product-no-costs = No cost yet. Set one here, over the API, or with “qudao import costs”.
cost-price = Cost
cost-price-help = Of one piece. Dealers and sales never see it.
cost-margin = Margin at list price
cost-set = Set the cost
notice-cost-set = The cost holds from that day on.
simulate-least-margin = Margin stays at … or more
simulate-least-margin-help = Guard, over all these days, of what has a cost; leave it empty for none
margin-before = Margin as it was
margin-after = Margin as it would be
margin-instead = { $share } of the amount, instead of { $before } ({ $share_before })
margin-how = Margins count only lines whose product had a cost on the order’s day: costs are known for { $known } of the amount.
margin-known = Amount with known costs
guard-margin-held = Guard held: the margin stays high enough
guard-margin-broken = Guard broken: the margin would be too low
guard-margin-held-at = Guard held: the margin stays at { $least } % or more
guard-margin-broken-at = Guard broken: the margin would fall below { $least } %
guard-margin-found = It would be { $found } % of the amount whose cost is known.
guard-margin-unknown = No cost is known for these orders, so nothing shows what is left. Set costs and try again.
guard-margin-hidden = Pricing, finance and the administrator see the figures.
key-live = In force, and signed by this key:
key-live-vouched = a key that holds signed it too
plugin-live-vouched = The key { $key }, which signed this version, is revoked. Another key that holds signed it too, and it goes on. See whether that is right.
plugin-live-unvouched = The key { $key }, which signed this version, is revoked, and no key that holds signed it. It goes on until somebody acts: go back to another version, or upload the same file with a new signature.

# Simulations and comparisons beyond pricing
simulate-calendar = Scored by
simulate-widened = Both ends are widened to whole periods.
calendar-quarter = quarters
calendar-month = months
simulation-cost-before = Paid
simulation-cost-after = Would be paid
simulation-budget = Budget
simulation-no-budget = none
simulation-left = Left of the budget
simulation-used = { $used } of { $budget } used
simulation-used-short = { $used } used
simulation-outside = Posted in other periods
simulation-turnover = Turnover
simulation-of-turnover = Share of turnover
simulation-turnover-of = of { $turnover }
simulation-how-paid = Whole periods, in time's order, with dealers, products and targets as they stand now. Paid is what was settled, else what the rule in force is estimated to pay. It took { $seconds } s.
simulation-how-budget = What an earlier period takes of the budget the later ones no longer have; other periods have posted { $outside }.
simulation-chart-periods = Change by period
simulation-dealer-changes = The largest changes by dealer and period
simulation-periods = By period
simulation-from = Known from
simulation-from-settled = settled
simulation-from-estimated = estimated
simulation-from-no-rule = no rule in force
simulation-from-unanswered = the rule in force does not answer
simulation-unanswered = { $count ->
    [one] A period gets no answer
   *[other] { $count } periods get no answer
}
simulation-unanswered-help = The version refuses them or fails on them. They are in no sum, and no guard holds over them.
guard-paid-loss-held = Guard held: no dealer is paid more than { $most } less
guard-paid-loss-broken = Guard broken: no dealer may be paid more than { $most } less
guard-paid-loss-found = The largest fall is { $found } { $dealer }
guard-paid-cost-held = Guard held: we pay at most { $most } more
guard-paid-cost-broken = Guard broken: we may pay at most { $most } more
guard-paid-cost-found = We would pay { $found } more.
simulation-points-before = Points
simulation-points-after = Points as they would be
simulation-cards = Scorecards
simulation-cards-new = New scorecards
simulation-added = { $count ->
    [0] as many as now
    [one] one that there is not now
   *[other] { $count } that there are not now
}
simulation-cards-failed = The plugin failed on { $count ->
    [one] one scorecard
   *[other] { $count } scorecards
}
simulation-cards-refused = Refused, by reason
simulation-risen = Rise
simulation-fallen = Fall
simulation-same = { $count } stay
simulation-scored-dealers = Dealers
simulation-recorded = Recorded
simulation-how-scored = Averages of the dealers with a scorecard before and after. Before: as recorded, else by the rule in force. It took { $seconds } s.
invalid-days-to-come = Choose days up to { $last }: no later period has begun
invalid-too-many-periods = Choose fewer days: at most { $most } periods are tried at once
invalid-no-facts = Nothing was shipped or returned on these days
invalid-guard-unwanted = Leave this guard out: scorecards hold no money
invalid-margin-unwanted = Leave this guard out: only prices leave a margin
invalid-calendar-unwanted = Leave the calendar out: only scorecards are cut by one of choice
compare-cost = Cost
compare-dealers-changed = { $count ->
    [0] no dealer is paid something else
    [one] one dealer is paid something else
   *[other] { $count } dealers are paid something else
}
compare-too-many-facts = This period has too many facts to wait for; simulate it instead.
compare-no-programs = There is no program yet that both could pay for.
compare-scores-changed = Scorecards that come out otherwise, { $period }
compare-scores-help = The last period that has begun, scored by both
compare-average = points on average
compare-deals-changed = Registrations that come out otherwise
compare-deals-help = The latest registrations, ruled by both as they were asked then
compare-deals = The latest differences
compare-customer = Customer
compare-direct = Direct sales
compare-no-deals = There are no registrations yet that both could rule on.
verdict-accept = Accepted
verdict-ask = To be decided
verdict-protect = Protected
verdict-split = Split
verdict-refuse = Refused
verdict-until = until { $day }
verdict-floor = at least { $floor }
verdict-ends = { $count ->
    [one] ends an earlier one
   *[other] ends { $count } earlier ones
}
