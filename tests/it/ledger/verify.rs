//! Verifying: what was done to a ledger is found, each time as what it is.

use super::{Desk, entry};
use flagctl::model::Action;
use snapbox::{assert_data_eq, str};

/// A ledger of five entries, and its lines.
fn five() -> (Desk, Vec<String>) {
    let desk = Desk::new();
    for second in 0..5 {
        desk.append(&entry("alpha", Action::Advance, 5, second));
    }
    let text = String::from_utf8(desk.bytes()).unwrap();
    (desk, text.lines().map(str::to_owned).collect())
}

#[test]
fn what_was_done_is_found() {
    type Deed<'a> = &'a dyn Fn(&mut Vec<String>);
    let cases: [(&str, Deed<'_>); 9] = [
        ("untouched", &|_| {}),
        ("edited", &|lines| lines[2] = lines[2].replace("\"ada\"", "\"bob\"")),
        ("edited with its id", &|lines| {
            lines[2] = lines[2].replace("\"id\":\"", "\"id\":\"0").replacen("0\",\"prev", "\",\"prev", 1)
        }),
        ("deleted", &|lines| drop(lines.remove(2))),
        ("doubled", &|lines| lines.insert(3, lines[1].clone())),
        ("moved", &|lines| lines.swap(1, 2)),
        ("spaced", &|lines| lines[2] = lines[2].replace("\"v\":1,", "\"v\": 1,")),
        ("a conflict", &|lines| {
            lines.insert(2, "<<<<<<< HEAD".into());
            lines.insert(4, "=======".into());
            lines.insert(5, ">>>>>>> other".into());
        }),
        ("a later format", &|lines| lines.push(r#"{"v":2,"id":"x"}"#.into())),
    ];
    let mut told = String::new();
    for (case, change) in cases {
        let (desk, mut lines) = five();
        change(&mut lines);
        desk.write((lines.join("\n") + "\n").as_bytes());
        let hidden = lines.iter().fold(desk.found(), |found, line| {
            let id = line.split("\"id\":\"").nth(1).and_then(|rest| rest.get(..12)).unwrap_or("~");
            found.replace(id, "[ID]")
        });
        told += &format!("# {case}\n{hidden}");
    }
    assert_data_eq!(
        told,
        str![[r#"
# untouched
# edited
3: Edited: was changed after it was written: its id doesn't fit its values
# edited with its id
3: Edited: was changed after it was written: its id doesn't fit its values
4: MissingPrevious: follows `6e5b772ffec5`, which is not before it
# deleted
3: MissingPrevious: follows `6e5b772ffec5`, which is not before it
# doubled
4: Duplicate: is the entry of line 2 once more
# moved
2: MissingPrevious: follows `[ID]`, which is not before it
# spaced
3: Respelled: has the values that were written, but is spelled otherwise
# a conflict
3: MergeMarker: a conflict that Git left; keep the entries of both sides
5: MergeMarker: a conflict that Git left; keep the entries of both sides
6: MergeMarker: a conflict that Git left; keep the entries of both sides
# a later format
6: Edited: was changed after it was written: its id doesn't fit its values

"#]]
    );
}

#[test]
fn converted_line_ends_are_told_once() {
    let (desk, lines) = five();
    desk.write((lines.join("\r\n") + "\r\n").as_bytes());
    assert_data_eq!(
        desk.found(),
        str![[r#"
1: LineEnd: ends with CR LF; `.gitattributes` should say `-text` for the ledger

"#]]
    );
}

#[test]
fn no_ledger_has_no_findings() {
    assert_eq!(Desk::new().found(), "");
}

/// Fields of a later version are part of the id and otherwise let be.
#[test]
fn fields_of_a_later_version_are_let_be() {
    let (desk, lines) = five();
    let mut fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&lines[4]).unwrap();
    fields.insert("weather".into(), "fine".into());
    fields.shift_remove("id");
    let id = sha(&serde_json_canonicalizer::to_vec(&fields).unwrap());
    fields.shift_insert(1, "id".into(), id.into());
    let line = serde_json::to_string(&fields).unwrap();
    desk.write((lines[..4].join("\n") + "\n" + &line + "\n").as_bytes());
    assert_eq!(desk.found(), "");
    assert_eq!(desk.ledger.entries().unwrap().history.entries.len(), 5);
    desk.write((lines[..4].join("\n") + "\n" + &line.replace("fine", "foul") + "\n").as_bytes());
    assert_data_eq!(
        desk.found(),
        str![[r#"
5: Edited: was changed after it was written: its id doesn't fit its values

"#]]
    );
}

fn sha(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
