//! The responses that the server sends, and what a client must read from them.

use time::format_description::well_known::Rfc3339;

use crate::task::Task;

/// The path of one organization. The base URL ends with the name of the task.
pub const ONE: &str = "/v1/organizations/org_01K0000000000000000000000";
/// The path of a list's first page. Later pages add `&cursor=` and a cursor.
pub const FIRST_PAGE: &str = "/v1/organizations?limit=100";
pub const KEY: &str = "nl_0123456789abcdef0123456789abcdef";

pub const ITEMS_PER_PAGE: u64 = 100;
/// The number of pages of a list in a full run.
pub const PAGES: u64 = 2_000;

/// A cursor is this prefix and the number of the page, padded to six digits.
pub const CURSOR: &str = "eyJhZnRlciI6Im9yZyJ9.";

/// A summary of what a client read, to check that the client read everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    items: u64,
    digest: u64,
}

impl Seen {
    pub fn add(&mut self, name: &str, created: time::OffsetDateTime, domains: usize) {
        self.items += 1;
        let name = name.bytes().next_back().map_or(0, u64::from) + 1_000 * name.len() as u64;
        self.digest = self
            .digest
            .wrapping_add(name)
            .wrapping_add(created.unix_timestamp().unsigned_abs())
            .wrapping_add(domains as u64);
    }

    fn times(self, times: u64) -> Seen {
        Seen { items: self.items * times, digest: self.digest.wrapping_mul(times) }
    }
}

/// Returns the body of one organization, and what a client must read from it.
pub fn one() -> (String, Seen) {
    let mut seen = Seen::default();
    (organization(0, false, &mut seen), seen)
}

/// Returns the body of a page, and what a client must read from it. `next` is the number in its
/// cursor; the last page has no cursor.
pub fn page(next: Option<u64>, extra: bool) -> (String, Seen) {
    let mut seen = Seen::default();
    let items: Vec<String> =
        (0..ITEMS_PER_PAGE).map(|index| organization(index, extra, &mut seen)).collect();
    let (items, total) = (items.join(","), ITEMS_PER_PAGE * PAGES);
    let next = next.map_or("null".to_owned(), |number| format!("\"{CURSOR}{number:06}\""));
    let text = format!(
        r#"{{"items":[{items}],"pagination":{{"next_cursor":{next},"previous_cursor":null,"total_count":{total}}}}}"#
    );
    (text, seen)
}

/// Returns what a client must have read after the task.
pub fn seen_in(task: Task) -> Seen {
    match task {
        Task::Get | Task::GetTls => one().1,
        Task::Page | Task::Gzip | Task::PageExtra => page(None, false).1,
        Task::List(pages) => page(None, false).1.times(pages),
    }
}

/// Returns an organization as a server would send it. Some fields are null, and every third
/// organization has a second domain. The ids are as hard to compress as real ones. `extra` adds
/// three fields that no client knows.
fn organization(index: u64, extra: bool, seen: &mut Seen) -> String {
    let mut random = Random(index);
    let name = format!("Acme Research {index}");
    let site = format!("acme-{index}.example.com");
    let second = 1_767_225_600 + 86_399 * index.cast_signed();
    let created = time::OffsetDateTime::from_unix_timestamp(second).expect("a valid timestamp");
    let created_text = created.format(&Rfc3339).expect("a date that RFC 3339 can represent");
    let count = if index % 3 == 1 { 2 } else { 1 };
    let domains: Vec<String> = (0..count)
        .map(|domain| {
            let (id, www) = (random.id("dom"), if domain == 0 { "" } else { "www." });
            let verified = domain == 0;
            format!(r#"{{"id":"{id}","domain":"{www}{site}","verified":{verified}}}"#)
        })
        .collect();
    let billing_email =
        if index % 2 == 1 { "null".to_owned() } else { format!(r#""billing@{site}""#) };
    seen.add(&name, created, count as usize);
    let mut text = format!(
        concat!(
            r#"{{"id":"{}","billing_email":{},"created_at":"{}","domains":[{}],"#,
            r#""metronome_customer_id":"{:08x}-5b0d-4c7e-9a61-{:012x}","name":"{}","#,
            r#""personal":false,"services":{{"cloud":true,"jit_provisioning":false,"#,
            r#""scim":false,"siem":false,"sso":{}}},"stripe_customer_id":"{}","#,
            r#""type":"company","updated_at":"2026-06-01T12:34:56.789Z""#
        ),
        random.id("org"),
        billing_email,
        created_text,
        domains.join(","),
        random.next() >> 32,
        random.next() >> 16,
        name,
        index.is_multiple_of(4),
        &random.id("cus")[..18],
    );
    if extra {
        let project = random.id("prj");
        text += &format!(r#","default_project_id":"{project}","mfa_required":true,"seats":25"#);
    }
    text + "}"
}

/// The SplitMix64 generator: it gives the same numbers in every process.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a prefix and 22 random letters and digits.
    fn id(&mut self, prefix: &str) -> String {
        const DIGITS: &[u8] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let (high, low) = (self.next(), self.next());
        let digit = |at: u32| {
            let number = if at < 11 { high >> (5 * at) } else { low >> (5 * (at - 11)) };
            char::from(DIGITS[(number % 32) as usize])
        };
        format!("{prefix}_{}", (0..22).map(digit).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<nirvana_labs::Organization> {
        let page: nirvana_labs::Page<nirvana_labs::Organization> =
            serde_json::from_str(text).expect("a page");
        page.items
    }

    fn seen(text: &str) -> Seen {
        let mut seen = Seen::default();
        for item in read(text) {
            seen.add(&item.name, item.created_at, item.domains.len());
        }
        seen
    }

    #[test]
    fn models_read_everything_that_is_sent() {
        for (extra, fields) in [(false, 0), (true, 3)] {
            let (text, expected) = page(Some(1), extra);
            assert_eq!(seen(&text), expected);
            assert!(read(&text).iter().all(|item| item.extra_fields.len() == fields));
        }
        assert_eq!(seen_in(Task::List(PAGES)).items, 200_000);
    }

    #[test]
    fn a_client_that_skips_something_is_noticed() {
        let (text, expected) = page(None, false);
        assert_ne!(seen(&text.replacen("Acme Research 7", "Acme Research", 1)), expected);
        assert_ne!(Seen::default(), expected);
    }
}
