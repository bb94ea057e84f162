//! What is said where the configuration is wrong: whole messages.

use super::{Desk, told};
use snapbox::{assert_data_eq, str};

/// Returns each text with the first thing that is said about it.
fn mistakes(texts: &[&str]) -> String {
    let mut all = String::new();
    for text in texts {
        let said = match Desk::new(text).load() {
            Ok(_) => "nothing is wrong\n".to_owned(),
            Err(error) => told(&error),
        };
        assert!(!said.contains("hunter2"), "a secret is shown: {said}");
        all.push_str(&format!("{}\n{said}\n", text.trim_end()));
    }
    all
}

#[test]
fn keys_that_do_not_exist() {
    let said = mistakes(&[
        "[rolout]\nsoak = '30m'",
        "[rollout]\nsoack = '30m'",
        "soak = '30m'",
        "[gates.x]\nmin_requests = 5",
        "[environments.x]\nflags = 'f.yaml'\nbackend = 'unleash'",
        "[environments.x.flags-file]\nscal = 'percent'",
        "[freeze]\nwindows = [{ form = 'Fri 16:00' }]",
        "[[freeze.windows]]\nzone = 'UTC'",
        "[flags-file]\nenabled = { path = ['on'], of = 'x' }",
        "[sources.\"a.b\"]\nulr = 'http://x'",
        "rollout = 5",
        "[rollout.soak]\nx = 1",
        "[freeze]\nwindows = 'Fri'",
    ]);
    assert_data_eq!(
        said,
        str![[r#"
[rolout]
soak = '30m'
invalid: unknown key `rolout`
  at flagctl.toml:1:2
  | [rolout]
  |  ^^^^^^
  help: did you mean `rollout`?

[rollout]
soack = '30m'
invalid: unknown key `soack` in `rollout`
  at flagctl.toml:2:1
  | soack = '30m'
  | ^^^^^
  help: did you mean `soak`?

soak = '30m'
invalid: unknown key `soak`
  at flagctl.toml:1:1
  | soak = '30m'
  | ^^^^
  help: there is `rollout.soak`

[gates.x]
min_requests = 5
invalid: unknown key `min_requests` in `gates.x`
  at flagctl.toml:2:1
  | min_requests = 5
  | ^^^^^^^^^^^^
  help: did you mean `min-requests`?

[environments.x]
flags = 'f.yaml'
backend = 'unleash'
invalid: environment `x` lives in Unleash, and has no `url`
  at flagctl.toml:1:15
  | [environments.x]
  |               ^
  help: write `url = "https://unleash.example.com"`
  help: there are 3 more: `flagctl validate` shows all

[environments.x.flags-file]
scal = 'percent'
invalid: unknown key `scal` in `environments.x.flags-file`
  at flagctl.toml:2:1
  | scal = 'percent'
  | ^^^^
  help: did you mean `scale`?

[freeze]
windows = [{ form = 'Fri 16:00' }]
invalid: unknown key `form` in `freeze.windows[0]`
  at flagctl.toml:2:14
  | windows = [{ form = 'Fri 16:00' }]
  |              ^^^^
  help: did you mean `from`?

[[freeze.windows]]
zone = 'UTC'
invalid: unknown key `zone` in `freeze.windows[0]`
  at flagctl.toml:2:1
  | zone = 'UTC'
  | ^^^^
  help: the keys here are `from`, `to`, `time-zone`, `reason`

[flags-file]
enabled = { path = ['on'], of = 'x' }
invalid: unknown key `of` in `flags-file.enabled`
  at flagctl.toml:2:28
  | enabled = { path = ['on'], of = 'x' }
  |                            ^^
  help: did you mean `on`?

[sources."a.b"]
ulr = 'http://x'
invalid: unknown key `ulr` in `sources."a.b"`
  at flagctl.toml:2:1
  | ulr = 'http://x'
  | ^^^
  help: did you mean `url`?

rollout = 5
invalid: `rollout` is a table of keys, not a value
  at flagctl.toml:1:11
  | rollout = 5
  |           ^
  help: its keys are written below `[rollout]`

[rollout.soak]
x = 1
invalid: `rollout.soak` must be a duration, not a table
  at flagctl.toml:1:1
  | [rollout.soak]
  | ^^^^^^^^^^^^^^

[freeze]
windows = 'Fri'
invalid: `freeze.windows` must be a list of tables
  at flagctl.toml:2:11
  | windows = 'Fri'
  |           ^^^^^


"#]]
    );
}

#[test]
fn durations_rates_and_numbers() {
    let said = mistakes(&[
        "rollout.soak = '30'",
        "rollout.soak = 30",
        "rollout.soak = 'soon'",
        "rollout.soak = '9999d'",
        "rollout.soak = true",
        "sources.x.timeout = '0s'",
        "gates.x.max = '1'",
        "gates.x.max = 0.01",
        "gates.x.max = '200%'",
        "gates.x.max = 'little'",
        "gates.x.max = ''",
        "gates.x.min-requests = 0",
        "gates.x.min-requests = 'many'",
        "version = 2",
        "rollout.steps = [0, 5, 5]",
        "rollout.steps = [0, 101]",
        "rollout.steps = [0.0001]",
        "rollout.steps = ['5%']",
        "rollout.steps = []",
        "rollout.steps = 5",
        "rollout.on-breach = 'step back'",
    ]);
    assert_data_eq!(
        said,
        str![[r#"
rollout.soak = '30'
invalid: `rollout.soak`: `30` has no unit: write `30s`, `30m`, `30h` or `30d`
  at flagctl.toml:1:16
  | rollout.soak = '30'
  |                ^^^^

rollout.soak = 30
invalid: `rollout.soak`: `30` has no unit
  at flagctl.toml:1:16
  | rollout.soak = 30
  |                ^^
  help: write `"30s"`, `"30m"` or `"30h"`

rollout.soak = 'soon'
invalid: `rollout.soak`: `soon` is not a duration such as `30s`, `10m`, `1h30m` or `2d`
  at flagctl.toml:1:16
  | rollout.soak = 'soon'
  |                ^^^^^^

rollout.soak = '9999d'
invalid: `rollout.soak`: `9999d` is longer than ten years
  at flagctl.toml:1:16
  | rollout.soak = '9999d'
  |                ^^^^^^^

rollout.soak = true
invalid: `rollout.soak` must be a duration, not a boolean
  at flagctl.toml:1:16
  | rollout.soak = true
  |                ^^^^

sources.x.timeout = '0s'
invalid: `sources.x.timeout`: `0s` must be longer than nothing
  at flagctl.toml:1:21
  | sources.x.timeout = '0s'
  |                     ^^^^

gates.x.max = '1'
invalid: `gates.x.max`: `1` is not a rate with its %
  at flagctl.toml:1:15
  | gates.x.max = '1'
  |               ^^^
  help: write `"1%"`

gates.x.max = 0.01
invalid: `gates.x.max`: `0.01` has no unit
  at flagctl.toml:1:15
  | gates.x.max = 0.01
  |               ^^^^
  help: write `"0.01%"`

gates.x.max = '200%'
invalid: `gates.x.max`: `200%` is above 100%
  at flagctl.toml:1:15
  | gates.x.max = '200%'
  |               ^^^^^^

gates.x.max = 'little'
invalid: `gates.x.max`: `little` is not a rate with its %
  at flagctl.toml:1:15
  | gates.x.max = 'little'
  |               ^^^^^^^^
  help: write it as `"1%"` or `"0.5%"`

gates.x.max = ''
invalid: `gates.x.max` is empty
  at flagctl.toml:1:15
  | gates.x.max = ''
  |               ^^

gates.x.min-requests = 0
invalid: `gates.x.min-requests`: `0` is not a whole number from 1
  at flagctl.toml:1:24
  | gates.x.min-requests = 0
  |                        ^

gates.x.min-requests = 'many'
invalid: `gates.x.min-requests` must be a whole number from 1, not a text
  at flagctl.toml:1:24
  | gates.x.min-requests = 'many'
  |                        ^^^^^^

version = 2
invalid: `version`: `2` is not a version that this flagctl reads
  at flagctl.toml:1:11
  | version = 2
  |           ^
  help: write `version = 1`

rollout.steps = [0, 5, 5]
invalid: `rollout.steps` must ascend: 5 comes after 5
  at flagctl.toml:1:17
  | rollout.steps = [0, 5, 5]
  |                 ^^^^^^^^^

rollout.steps = [0, 101]
invalid: `rollout.steps`: `101` is not between 0 and 100
  at flagctl.toml:1:21
  | rollout.steps = [0, 101]
  |                     ^^^

rollout.steps = [0.0001]
invalid: `rollout.steps`: `0.0001` has more than three decimals
  at flagctl.toml:1:18
  | rollout.steps = [0.0001]
  |                  ^^^^^^

rollout.steps = ['5%']
invalid: `rollout.steps`: `5%` is not a number
  at flagctl.toml:1:18
  | rollout.steps = ['5%']
  |                  ^^^^
  help: write `steps = [0, 5, 25, 50, 100]`

rollout.steps = []
invalid: `rollout.steps` needs at least one step above 0
  at flagctl.toml:1:17
  | rollout.steps = []
  |                 ^^

rollout.steps = 5
invalid: `rollout.steps` must be a list of percentages, not an integer
  at flagctl.toml:1:17
  | rollout.steps = 5
  |                 ^

rollout.on-breach = 'step back'
invalid: `rollout.on-breach`: `step back` is not one of `zero`, `step-back`, `stay`
  at flagctl.toml:1:21
  | rollout.on-breach = 'step back'
  |                     ^^^^^^^^^^^
  help: did you mean `step-back`?


"#]]
    );
}

#[test]
fn names_that_lead_nowhere() {
    let said = mistakes(&[
        "default-environment = 'prod'\n[environments.production]\nflags = 'f.yaml'",
        "default-environment = 'prod'",
        "[environments.a]\nflags = 'f.yaml'\nsource = 'prmo'\n[sources.prom]\nkind = 'prometheus'\nurl = 'http://x'",
        "[flags.f]\ngates = ['eror-rate']\n[gates.error-rate]\nmax = '1%'\nerrors = 'e'\ntotal = 't'\n[sources.prom]\nkind = 'prometheus'\nurl = 'http://x'",
        "[gates.x]\nmax = '1%'\nerrors = 'e'\ntotal = 't'",
        "[environments.a]\nflags = 'f'\n[gates.x]\nmax = '1%'\nerrors = 'e'\ntotal = 't'\n[sources.p]\nkind = 'prometheus'\nurl = 'http://x'\n[sources.q]\nkind = 'prometheus'\nurl = 'http://y'",
        "[environments.x]\nsource = 's'\n[sources.s]\n",
    ]);
    assert_data_eq!(
        said,
        str![[r#"
default-environment = 'prod'
[environments.production]
flags = 'f.yaml'
invalid: there is no environment `prod`
  at flagctl.toml:1:23
  | default-environment = 'prod'
  |                       ^^^^^^
  help: did you mean `production`?

default-environment = 'prod'
invalid: there is no environment `prod`
  at flagctl.toml:1:23
  | default-environment = 'prod'
  |                       ^^^^^^
  help: set it up below `[environments.prod]`

[environments.a]
flags = 'f.yaml'
source = 'prmo'
[sources.prom]
kind = 'prometheus'
url = 'http://x'
invalid: there is no source `prmo`
  at flagctl.toml:3:10
  | source = 'prmo'
  |          ^^^^^^
  help: did you mean `prom`?

[flags.f]
gates = ['eror-rate']
[gates.error-rate]
max = '1%'
errors = 'e'
total = 't'
[sources.prom]
kind = 'prometheus'
url = 'http://x'
invalid: there is no gate `eror-rate`
  at flagctl.toml:2:10
  | gates = ['eror-rate']
  |          ^^^^^^^^^^^
  help: did you mean `error-rate`?

[gates.x]
max = '1%'
errors = 'e'
total = 't'
invalid: gate `x` has no source to ask
  at flagctl.toml:1:8
  | [gates.x]
  |        ^
  help: set one up: `[sources.prod]` with `kind = "prometheus"` and `url = "http://127.0.0.1:9090"`

[environments.a]
flags = 'f'
[gates.x]
max = '1%'
errors = 'e'
total = 't'
[sources.p]
kind = 'prometheus'
url = 'http://x'
[sources.q]
kind = 'prometheus'
url = 'http://y'
invalid: gate `x` names no source, and environment `a` names none
  at flagctl.toml:3:8
  | [gates.x]
  |        ^
  help: write `source = …` there, one of `p`, `q`

[environments.x]
source = 's'
[sources.s]
invalid: environment `x` names no flags file
  at flagctl.toml:1:15
  | [environments.x]
  |               ^
  help: write `flags = "config/feature_flags.yaml"`
  help: there are 2 more: `flagctl validate` shows all


"#]]
    );
}

#[test]
fn gates() {
    let said = mistakes(&[
        "[gates.soak]\nmax = '1%'",
        "[gates.'a,b']\nmax = '1%'",
        "[gates.x]\nerrors = 'sum(e{flag=\"{{flg}}\"})'\ntotal = 't'\nmax = '1%'",
        "[gates.x]\nerrors = 'e'\nrate = '/r'\ntotal = 't'\nmax = '1%'",
        "[gates.x]\nrate = '/r'\ntotal = '/t'\nmax = '1%'\n[sources.s]\nkind = 'prometheus'\nurl = 'http://x'",
        "[gates.x]\nerrors = 'e'\ntotal = '/t'\nmax = '1%'\n[sources.s]\nkind = 'json'\nurl = 'http://x'",
        "[gates.x]\nkind = 'ratio'",
        "[gates.x]\napplies = 'sometimes'",
    ]);
    assert_data_eq!(
        said,
        str![[r#"
[gates.soak]
max = '1%'
invalid: a gate can't be named `soak`
  at flagctl.toml:1:8
  | [gates.soak]
  |        ^^^^
  help: `--override` takes gates by their names, between commas, beside the words `gates`, `breach`, `soak`, `freeze`, `ladder`, `latch`, `order`, `drill`
  help: there are 2 more: `flagctl validate` shows all

[gates.'a,b']
max = '1%'
invalid: a gate can't be named `a,b`
  at flagctl.toml:1:8
  | [gates.'a,b']
  |        ^^^^^
  help: `--override` takes gates by their names, between commas, beside the words `gates`, `breach`, `soak`, `freeze`, `ladder`, `latch`, `order`, `drill`
  help: there are 2 more: `flagctl validate` shows all

[gates.x]
errors = 'sum(e{flag="{{flg}}"})'
total = 't'
max = '1%'
invalid: `gates.x.errors`: `{{flg}}` is not a placeholder
  at flagctl.toml:2:10
  | errors = 'sum(e{flag="{{flg}}"})'
  |          ^^^^^^^^^^^^^^^^^^^^^^^^
  help: did you mean `{{flag}}`?
  help: the placeholders are `{{flag}}`, `{{environment}}`, `{{window}}`, `{{exposure}}`

[gates.x]
errors = 'e'
rate = '/r'
total = 't'
max = '1%'
invalid: gate `x` has both `errors` and `rate`
  at flagctl.toml:3:8
  | rate = '/r'
  |        ^^^^
  help: keep one of them

[gates.x]
rate = '/r'
total = '/t'
max = '1%'
[sources.s]
kind = 'prometheus'
url = 'http://x'
invalid: gate `x`: `rate` is for `json` sources, and `s` is none
  at flagctl.toml:2:8
  | rate = '/r'
  |        ^^^^
  help: write `errors` in place of `rate`

[gates.x]
errors = 'e'
total = '/t'
max = '1%'
[sources.s]
kind = 'json'
url = 'http://x'
invalid: gate `x`: a `json` source is asked with pointers, and `e` is none
  at flagctl.toml:2:10
  | errors = 'e'
  |          ^^^
  help: a pointer begins with `/`, as `/data/errors`

[gates.x]
kind = 'ratio'
invalid: `gates.x.kind`: `ratio` is not one of `threshold`
  at flagctl.toml:2:8
  | kind = 'ratio'
  |        ^^^^^^^

[gates.x]
applies = 'sometimes'
invalid: `gates.x.applies`: `sometimes` is not one of `exposed`, `always`
  at flagctl.toml:2:11
  | applies = 'sometimes'
  |           ^^^^^^^^^^^


"#]]
    );
}

#[test]
fn sources_and_secrets() {
    let said = mistakes(&[
        "[sources.x]\nkind = 'promotheus'",
        "[sources.x]\nurl = 'localhost:9090'",
        "[sources.x]\nurl = 'http://ops:hunter2@x'",
        "[sources.x]\nurl = 'http://x?api_key=hunter2'",
        "[sources.x]\nbearer-token = 'hunter2'",
        "[sources.x]\nbasic-auth-password = 'hunter2'",
        "[sources.x]\nbearer-token-env = 'hunter2-x.y'",
        "[sources.x]\nbearer-token = 'hunter2",
        "[sources.x]\nbearer-token-evn = 'T'",
        "[sources.x]\nheaders = { Authorization = 'Bearer hunter2' }",
        "[sources.x]\nheaders = { DD-API-KEY = 'hunter2' }",
        "[sources.x.headers]\nX-Token = { env = 'A', file = 'b' }",
        "[sources.x]\nkind = 'json'\nurl = 'http://x'\nbasic-auth-user = 'ops'",
        "[sources.x]\nkind = 'json'\nurl = 'http://x'\nbasic-auth-password-env = 'PW'",
        "[sources.x]\nkind = 'json'\nurl = 'http://x'\nbearer-token-env = 'A'\nbearer-token-file = 'b'",
        "[sources.x]\nkind = 'prometheus'\nurl = 'http://x/{{flag}}'",
    ]);
    assert_data_eq!(
        said,
        str![[r#"
[sources.x]
kind = 'promotheus'
invalid: `sources.x.kind`: `promotheus` is not one of `prometheus`, `exposition`, `json`
  at flagctl.toml:2:8
  | kind = 'promotheus'
  |        ^^^^^^^^^^^^
  help: did you mean `prometheus`?

[sources.x]
url = 'localhost:9090'
invalid: `sources.x.url` is not an address
  at flagctl.toml:2:7
  | url = 'localhost:9090'
  |       ^^^^^^^^^^^^^^^^
  help: write it with its scheme, as `http://127.0.0.1:9090`

[sources.x]
url = 'http://ops:hunter2@x'
invalid: `sources.x.url` must hold no user name or password: they would stand there for all to see
  at flagctl.toml:2:7
  help: use `basic-auth-user` with `basic-auth-password-env` or `basic-auth-password-file`

[sources.x]
url = 'http://x?api_key=hunter2'
invalid: `sources.x.url` must hold no token in its query: it would stand there for all to see
  at flagctl.toml:2:7
  help: send it as a header: `headers = { Authorization = { env = "NAME" } }`

[sources.x]
bearer-token = 'hunter2'
invalid: `sources.x.bearer-token` would keep a secret in this file
  at flagctl.toml:2:1
  help: write `bearer-token-env = "NAME"`, the environment variable that holds it
  help: or `bearer-token-file = "PATH"`, the file that holds it

[sources.x]
basic-auth-password = 'hunter2'
invalid: `sources.x.basic-auth-password` would keep a secret in this file
  at flagctl.toml:2:1
  help: write `basic-auth-password-env = "NAME"`, the environment variable that holds it
  help: or `basic-auth-password-file = "PATH"`, the file that holds it

[sources.x]
bearer-token-env = 'hunter2-x.y'
invalid: `sources.x.bearer-token-env` is not the name of an environment variable
  at flagctl.toml:2:20
  help: the secret itself is kept in that variable, not here

[sources.x]
bearer-token = 'hunter2
invalid: this is not TOML: a text is not closed with `'`
  at flagctl.toml:2:24

[sources.x]
bearer-token-evn = 'T'
invalid: unknown key `bearer-token-evn` in `sources.x`
  at flagctl.toml:2:1
  help: did you mean `bearer-token-env`?

[sources.x]
headers = { Authorization = 'Bearer hunter2' }
invalid: `sources.x.headers.Authorization` would keep a secret in this file
  at flagctl.toml:2:29
  help: write `Authorization = { env = "NAME" }` or `{ file = "PATH" }`

[sources.x]
headers = { DD-API-KEY = 'hunter2' }
invalid: `sources.x.headers.DD-API-KEY` would keep a secret in this file
  at flagctl.toml:2:26
  help: write `DD-API-KEY = { env = "NAME" }` or `{ file = "PATH" }`

[sources.x.headers]
X-Token = { env = 'A', file = 'b' }
invalid: `sources.x.headers.X-Token` needs either `env` or `file`
  at flagctl.toml:2:11
  | X-Token = { env = 'A', file = 'b' }
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^
  help: write `{ env = "NAME" }` or `{ file = "PATH" }`

[sources.x]
kind = 'json'
url = 'http://x'
basic-auth-user = 'ops'
invalid: source `x` has a `basic-auth-user` without a password
  at flagctl.toml:4:19
  | basic-auth-user = 'ops'
  |                   ^^^^^
  help: write `basic-auth-password-env = "NAME"` or `basic-auth-password-file = "PATH"`

[sources.x]
kind = 'json'
url = 'http://x'
basic-auth-password-env = 'PW'
invalid: source `x` has a password without a `basic-auth-user`
  at flagctl.toml:4:27
  | basic-auth-password-env = 'PW'
  |                           ^^^^
  help: write `basic-auth-user = "NAME"`

[sources.x]
kind = 'json'
url = 'http://x'
bearer-token-env = 'A'
bearer-token-file = 'b'
invalid: source `x` has both `bearer-token-env` and `bearer-token-file`
  at flagctl.toml:5:21
  | bearer-token-file = 'b'
  |                     ^^^
  help: keep one of them

[sources.x]
kind = 'prometheus'
url = 'http://x/{{flag}}'
invalid: source `x`: only the address of a `json` source may hold placeholders
  at flagctl.toml:3:7
  | url = 'http://x/{{flag}}'
  |       ^^^^^^^^^^^^^^^^^^^


"#]]
    );
}

#[test]
fn flags_files_and_freeze_windows() {
    let said = mistakes(&[
        "[flags-file]\ndialect = 'flagd'",
        "[flags-file]\ndialect = 'mapped'",
        "[flags-file]\ndialect = 'native'\nroot = ['x']",
        "[flags-file]\nroot = ['x']",
        "[flags-file]\nrollout = 'x'",
        "[flags-file]\nrollout = [5]",
        "[flags-file]\nenabled = { on = 'x' }",
        "[flags-file]\nenabled = { path = ['x'], on = 'x' }",
        "[flags-file]\nenabled = { path = ['x'], on = 'x', off = 'x' }",
        "[flags-file]\nenabled = { path = ['x'], on = ['x', 'y'], off = ['z', 'y'] }",
        "[flags-file]\nenabled = { path = ['x'], on = [], off = 'z' }",
        "[environments.x]\n",
        "[environments.x]\nflags = ''",
        "freeze.windows = [{ from = 'Fri 16:00', to = 'Monday', time-zone = 'UTC' }]",
        "freeze.windows = [{ from = 'Fri 16:00', to = 'Mon 08:00', time-zone = 'Berlin' }]",
        "freeze.windows = [{ from = 'Fri 16:00', to = 'Mon 08:00', time-zone = 'Nowhere' }]",
        "freeze.windows = [{ from = 'Fri 16:00', to = '2026-12-20 00:00', time-zone = 'UTC' }]",
        "freeze.windows = [{ from = '2026-12-21 00:00', to = '2026-12-20 00:00', time-zone = 'UTC' }]",
        "freeze.windows = [{ from = 'Fri 16:00' }]",
        "freeze.windows = [{ from = 2026-12-20T00:00:00, to = 2027-01-02 08:00:00, time-zone = 'UTC' }]",
        "freeze.windows = [{ from = 2026-12-20T00:00:00Z, to = 2027-01-02, time-zone = 'UTC' }]",
    ]);
    assert_data_eq!(
        said,
        str![[r#"
[flags-file]
dialect = 'flagd'
invalid: `flags-file.dialect`: `flagd` is not in this version of flagctl
  at flagctl.toml:2:11
  | dialect = 'flagd'
  |           ^^^^^^^
  help: it may be `native`, `mapped`

[flags-file]
dialect = 'mapped'
invalid: `flags-file` doesn't say where a flag's percentage stands
  at flagctl.toml:2:11
  | dialect = 'mapped'
  |           ^^^^^^^^
  help: write `rollout = ["rollout"]`, or `flagctl init` to have the file looked at

[flags-file]
dialect = 'native'
root = ['x']
invalid: `root` goes with the dialect `mapped` only
  at flagctl.toml:3:8
  | root = ['x']
  |        ^^^^^
  help: write `dialect = "mapped"`, or leave the key out

[flags-file]
root = ['x']
invalid: `flags-file` doesn't say where a flag's percentage stands
  at flagctl.toml:2:8
  | root = ['x']
  |        ^^^^^
  help: write `rollout = ["rollout"]`, or `flagctl init` to have the file looked at

[flags-file]
rollout = 'x'
invalid: `flags-file.rollout` must be a path of keys, or a list of them, not a text
  at flagctl.toml:2:11
  | rollout = 'x'
  |           ^^^
  help: write `rollout = ["x"]`

[flags-file]
rollout = [5]
invalid: `flags-file.rollout` must be a text here, not an integer
  at flagctl.toml:2:12
  | rollout = [5]
  |            ^

[flags-file]
enabled = { on = 'x' }
invalid: `flags-file.enabled` needs a `path`
  at flagctl.toml:2:11
  | enabled = { on = 'x' }
  |           ^^^^^^^^^^^^
  help: write `path = ["status"]`

[flags-file]
enabled = { path = ['x'], on = 'x' }
invalid: `flags-file.enabled` needs both `on` and `off`, or neither
  at flagctl.toml:2:11
  | enabled = { path = ['x'], on = 'x' }
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^

[flags-file]
enabled = { path = ['x'], on = 'x', off = 'x' }
invalid: `flags-file.enabled`: `on` and `off` are the same
  at flagctl.toml:2:11
  | enabled = { path = ['x'], on = 'x', off = 'x' }
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

[flags-file]
enabled = { path = ['x'], on = ['x', 'y'], off = ['z', 'y'] }
invalid: `flags-file.enabled`: `on` and `off` share a word
  at flagctl.toml:2:11
  | enabled = { path = ['x'], on = ['x', 'y'], off = ['z', 'y'] }
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

[flags-file]
enabled = { path = ['x'], on = [], off = 'z' }
invalid: `flags-file.enabled` must be a text here, not a list
  at flagctl.toml:2:32
  | enabled = { path = ['x'], on = [], off = 'z' }
  |                                ^^

[environments.x]
invalid: environment `x` names no flags file
  at flagctl.toml:1:15
  | [environments.x]
  |               ^
  help: write `flags = "config/feature_flags.yaml"`

[environments.x]
flags = ''
invalid: `environments.x.flags` is empty
  at flagctl.toml:2:9
  | flags = ''
  |         ^^

freeze.windows = [{ from = 'Fri 16:00', to = 'Monday', time-zone = 'UTC' }]
invalid: `freeze.windows[0].to`: `Monday` is not a time
  at flagctl.toml:1:46
  | freeze.windows = [{ from = 'Fri 16:00', to = 'Monday', time-zone = 'UTC' }]
  |                                              ^^^^^^^^
  help: write a weekday and a time (`Fri 16:00`), or a date and a time (`2026-12-20 00:00`)

freeze.windows = [{ from = 'Fri 16:00', to = 'Mon 08:00', time-zone = 'Berlin' }]
invalid: `freeze.windows[0].time-zone`: `Berlin` is not a time zone
  at flagctl.toml:1:71
  | freeze.windows = [{ from = 'Fri 16:00', to = 'Mon 08:00', time-zone = 'Berlin' }]
  |                                                                       ^^^^^^^^
  help: did you mean `Europe/Berlin`?
  help: time zones are named as in `Europe/Berlin`, `America/New_York`, `UTC`

freeze.windows = [{ from = 'Fri 16:00', to = 'Mon 08:00', time-zone = 'Nowhere' }]
invalid: `freeze.windows[0].time-zone`: `Nowhere` is not a time zone
  at flagctl.toml:1:71
  | freeze.windows = [{ from = 'Fri 16:00', to = 'Mon 08:00', time-zone = 'Nowhere' }]
  |                                                                       ^^^^^^^^^
  help: time zones are named as in `Europe/Berlin`, `America/New_York`, `UTC`

freeze.windows = [{ from = 'Fri 16:00', to = '2026-12-20 00:00', time-zone = 'UTC' }]
invalid: a freeze window mixes a weekday with a date
  at flagctl.toml:1:46
  | freeze.windows = [{ from = 'Fri 16:00', to = '2026-12-20 00:00', time-zone = 'UTC' }]
  |                                              ^^^^^^^^^^^^^^^^^^

freeze.windows = [{ from = '2026-12-21 00:00', to = '2026-12-20 00:00', time-zone = 'UTC' }]
invalid: a freeze window ends before it begins
  at flagctl.toml:1:53
  | freeze.windows = [{ from = '2026-12-21 00:00', to = '2026-12-20 00:00', time-zone = 'UTC' }]
  |                                                     ^^^^^^^^^^^^^^^^^^

freeze.windows = [{ from = 'Fri 16:00' }]
invalid: a freeze window has no `to`
  at flagctl.toml:1:19
  | freeze.windows = [{ from = 'Fri 16:00' }]
  |                   ^^^^^^^^^^^^^^^^^^^^^^
  help: write `to = "Mon 08:00"`
  help: there is 1 more: `flagctl validate` shows both

freeze.windows = [{ from = 2026-12-20T00:00:00, to = 2027-01-02 08:00:00, time-zone = 'UTC' }]
nothing is wrong

freeze.windows = [{ from = 2026-12-20T00:00:00Z, to = 2027-01-02, time-zone = 'UTC' }]
invalid: `freeze.windows[0].from`: `2026-12-20T00:00:00Z` is not a time
  at flagctl.toml:1:28
  | freeze.windows = [{ from = 2026-12-20T00:00:00Z, to = 2027-01-02, time-zone = 'UTC' }]
  |                            ^^^^^^^^^^^^^^^^^^^^
  help: write a weekday and a time (`Fri 16:00`), or a date and a time (`2026-12-20 00:00`)
  help: there is 1 more: `flagctl validate` shows both


"#]]
    );
}

#[test]
fn text_that_is_no_toml() {
    let said = mistakes(&[
        "[rollout\nsoak = '5m'",
        "[rollout]\nsoak = ",
        "[rollout]\nsoak = 30m",
        "[rollout]\nsoak = \"30m",
        "version = 1\nversion = 1",
        "[rollout]\n[rollout]",
        "[rollout]\n<<<<<<< HEAD\nsoak = '1h'\n=======\nsoak = '2h'\n>>>>>>> main",
        "just words",
        "steps = [0, 5",
        "a = \u{1b}[31m",
    ]);
    assert_data_eq!(
        said,
        str![[r#"
[rollout
soak = '5m'
invalid: this is not TOML: unclosed table, expected `]`
  at flagctl.toml:1:9
  | [rollout
  |         ^

[rollout]
soak =
invalid: this is not TOML: a value is missing, or a text has no quotes
  at flagctl.toml:2:8
  | soak = 
  |        ^

[rollout]
soak = 30m
invalid: this is not TOML: a value is missing, or a text has no quotes
  at flagctl.toml:2:8
  | soak = 30m
  |        ^^^

[rollout]
soak = "30m
invalid: this is not TOML: a text is not closed with `"`
  at flagctl.toml:2:12
  | soak = "30m
  |            ^

version = 1
version = 1
invalid: this is not TOML: duplicate key
  at flagctl.toml:2:1
  | version = 1
  | ^^^^^^^

[rollout]
[rollout]
invalid: this is not TOML: duplicate key
  at flagctl.toml:2:2
  | [rollout]
  |  ^^^^^^^

[rollout]
<<<<<<< HEAD
soak = '1h'
=======
soak = '2h'
>>>>>>> main
invalid: a merge conflict is left in this file
  at flagctl.toml:2:1
  | <<<<<<< HEAD
  | ^^^^^^^^^^^^
  help: resolve it, then run the command again

just words
invalid: this is not TOML: key with no value, expected `=`
  at flagctl.toml:1:6
  | just words
  |      ^

steps = [0, 5
invalid: this is not TOML: unclosed array, expected `]`
  at flagctl.toml:1:14
  | steps = [0, 5
  |              ^

a = [31m
invalid: this is not TOML: unexpected key or value, expected newline, `#`
  at flagctl.toml:1:6
  | a = [31m
  |      ^


"#]]
    );
}

#[test]
fn files_that_are_no_text() {
    let desk = Desk::new("").file("flagctl.toml/x", "");
    assert_data_eq!(
        told(&desk.load().unwrap_err()),
        str![[r#"
invalid: `flagctl.toml` is a directory, not a configuration file
  help: name the file in it with `--config FILE`

"#]]
    );
    let desk = Desk::new("");
    std::fs::write(desk.folder.path().join("flagctl.toml"), b"version = 1\n# caf\xe9\n").unwrap();
    assert_data_eq!(
        told(&desk.load().unwrap_err()),
        str![[r#"
invalid: `flagctl.toml` is not UTF-8
  at flagctl.toml:2:6

"#]]
    );
    let desk = Desk::new("").variable("FLAGCTL_CONFIG", "none.toml");
    assert_data_eq!(
        told(&desk.load().unwrap_err()),
        str![[r#"
usage: there is no configuration file `none.toml`
  help: name another with `--config`, or leave it out to have it searched

"#]]
    );
}

#[test]
fn everything_wrong_is_found_at_once() {
    let desk = Desk::new("[rollout]\nsoak = '30'\nstep = [1]\n[gates.x]\nmax = 1\n");
    let all = desk.with("", flagctl::config::load_all).unwrap_err();
    let lines: Vec<String> =
        all.iter().map(|error| format!("{}: {}\n", error.spot.as_ref().unwrap().line, error.message)).collect();
    assert_data_eq!(
        lines.concat(),
        str![[r#"
2: `rollout.soak`: `30` has no unit: write `30s`, `30m`, `30h` or `30d`
3: unknown key `step` in `rollout`
5: `gates.x.max`: `1` has no unit

"#]]
    );
}

#[test]
fn what_is_hardly_meant_is_a_warning() {
    let desk = Desk::new(
        "rollout.soak = '5m'\n[flags.f]\nsoak = '1m'\n[flags.g]\nsoak = '1h'\n[gates.x]\nmax = '1%'\nerrors = 'e'\ntotal = 't{{window}}'\n\
         [sources.s]\nkind = 'prometheus'\nurl = 'http://x'\n",
    );
    let warnings: Vec<String> = desk.load().unwrap().warnings.iter().map(told).collect();
    assert_data_eq!(
        warnings.concat(),
        str![[r#"
invalid: gate `x` looks back 10m, longer than the soak of 1m of flag `f`
  at flagctl.toml:2:8
  | [flags.f]
  |        ^
  help: after each step it holds until the window lies within the step
  help: make the soak at least as long, or the window shorter
invalid: gate `x` looks back 10m, longer than the soak of 5m
  at flagctl.toml:6:8
  | [gates.x]
  |        ^
  help: after each step it holds until the window lies within the step
  help: make the soak at least as long, or the window shorter
invalid: gate `x` has a query without `{{window}}`
  at flagctl.toml:6:8
  | [gates.x]
  |        ^
  help: what it looks back over is then not what `window` says, which the judging rests on
  help: write `[{{window}}]` in place of a range such as `[10m]`

"#]]
    );
}
