//! What our token may do, asked without changing anything.

use super::Unleash;
use crate::backend::remote::{Backend as _, Right, parse};
use crate::error::Result;
use crate::http::Wait;
use crate::model::{FlagName, Shown};
use serde::Deserialize;

/// May do everything.
const ADMIN: &str = "ADMIN";

#[derive(Deserialize)]
struct Me {
    permissions: Option<Vec<Permission>>,
}

/// Where it has no project or environment, it is for all.
#[derive(Deserialize)]
struct Permission {
    permission: String,
    project: Option<String>,
    environment: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Approval {
    environment: String,
    change_request_enabled: bool,
}

/// Returns what a rollback needs, and what raising a flag needs.
///
/// # Errors
/// Says why it can't be asked.
pub(super) fn rights(unleash: &Unleash<'_>, flag: Option<&FlagName>, wait: &Wait) -> Result<Vec<Right>> {
    let mut rights = Vec::new();
    if let Some(flag) = flag {
        unleash.read(flag, wait)?;
        rights.push(Right { what: format!("read `{flag}`"), granted: Some(true), note: "it was read".to_owned() });
    }
    let me: Me = parse(&unleash.get(unleash.address("/api/admin/user"), wait)?, "Unleash")?;
    let environment = Shown(unleash.place().environment).to_string();
    rights.push(right(
        unleash,
        &me,
        format!("switch a flag on and off in `{environment}`"),
        "UPDATE_FEATURE_ENVIRONMENT",
    ));
    rights.push(right(unleash, &me, "set its percentage".to_owned(), "UPDATE_FEATURE_STRATEGY"));
    rights.push(right(unleash, &me, "add its first strategy".to_owned(), "CREATE_FEATURE_STRATEGY"));
    rights.extend(approval(unleash, &me, wait));
    Ok(rights)
}

fn right(unleash: &Unleash<'_>, me: &Me, what: String, name: &str) -> Right {
    let granted = me.permissions.as_ref().map(|list| list.iter().any(|held| held.covers(unleash, name)));
    let note = match granted {
        Some(true) => format!("the token has `{name}`"),
        Some(false) => format!("give the token `{name}` in the project `{}`", Shown(unleash.place().project)),
        None => "Unleash does not tell what the token may do".to_owned(),
    };
    Right { what, granted, note }
}

impl Permission {
    fn covers(&self, unleash: &Unleash<'_>, name: &str) -> bool {
        let place = unleash.place();
        let is = |limit: &Option<String>, ours: &str| {
            limit.as_deref().is_none_or(|limit| limit.is_empty() || limit == "*" || limit == ours)
        };
        self.permission == ADMIN
            || (self.permission == name && is(&self.project, place.project) && is(&self.environment, place.environment))
    }
}

/// Says whether changes have to be approved here, and what that means; nothing where this Unleash knows no approvals.
fn approval(unleash: &Unleash<'_>, me: &Me, wait: &Wait) -> Option<Right> {
    let environment = unleash.place().environment;
    let path = format!("{}/change-requests/config", unleash.place().project());
    let what = format!("change `{}` without an approval", Shown(environment));
    let unknown = |note: &str| Some(Right { what: what.clone(), granted: None, note: note.to_owned() });
    match unleash.ask(unleash.address(&path), wait) {
        Ok(reply) if reply.status == 404 => None,
        Ok(reply) if reply.status == 200 => {
            let Ok(list) = parse::<Vec<Approval>>(&reply, "Unleash") else {
                return unknown("what Unleash says of approvals can't be read");
            };
            let on = list.iter().any(|entry| entry.environment == environment && entry.change_request_enabled);
            if on {
                return Some(right(unleash, me, what, "SKIP_CHANGE_REQUEST"));
            }
            Some(Right { what, granted: Some(true), note: "no approvals are asked for there".to_owned() })
        }
        _ => unknown("Unleash does not tell whether approvals are asked for"),
    }
}
