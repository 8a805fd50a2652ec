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
