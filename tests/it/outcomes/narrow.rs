//! What a narrow terminal shows.

use flagctl::document;
use flagctl::model::{Flag, History, Ladder, Mapping};
use flagctl::render::status::{self, Column, Row, Since};
use jiff::Timestamp;

#[test]
fn names_are_whole_in_a_narrow_terminal() {
    let rows = |name: &str| -> Vec<Row> {
        let text = format!("{name}: {{enabled: true, rollout: 5}}\n");
        let flags = document::listing(&text, &Mapping::native()).flags;
        let row = |flag: Flag| Row {
            flag,
            ladder: Ladder::default(),
            history: History::default(),
            since: Since::Unknown,
            problems: Vec::new(),
        };
        flags.into_iter().map(row).collect()
    };
    for name in ["checkout_of_the_year", "a_rather_long_name_of_a_flag"] {
        let rows = rows(name);
        for table in [
            status::human(&rows, Timestamp::UNIX_EPOCH, Some(60)),
            status::everywhere(
                &["production", "staging"].map(|environment| Column {
                    environment: environment.to_owned(),
                    file: String::new(),
                    rows: rows.clone(),
                    message: None,
                }),
                Timestamp::UNIX_EPOCH,
                Some(60),
            ),
        ] {
            assert!(table.contains(name), "{table}");
        }
    }
}
