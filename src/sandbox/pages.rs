//! The pages of a list. A cursor holds the number of an item, not a count of items, so no item is
//! skipped if others are added or removed between two pages.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Map;

use super::refusal::Refusal;
use crate::model::{Page, Pagination};

const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 100;

#[derive(Clone, Copy, Hash)]
enum Side {
    /// The page starts at this number.
    After,
    /// The page ends before this number.
    Before,
}

/// Returns the page of `items` that `query` asks for. The items have numbers from 1, in order. A
/// cursor is valid only for the list with the name `list`.
pub(super) fn page<T>(
    items: Vec<(u64, T)>,
    list: &str,
    query: &[(String, String)],
) -> Result<Page<T>, Refusal> {
    // `parse` would accept a sign.
    let digits =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok());
    let limit = match parameter(query, "limit")?.map(|text| digits(text).flatten()) {
        None => DEFAULT_LIMIT,
        Some(Some(limit)) if (1..=MAX_LIMIT).contains(&limit) => limit,
        Some(_) => return Err(Refusal::invalid(format!("limit must be from 1 to {MAX_LIMIT}"))),
    };
    let cursor = parameter(query, "cursor")?.map(|text| read(text, list)).transpose()?;
    let (side, number) = cursor.unwrap_or((Side::After, 0));
    let (total, at) = (items.len(), items.partition_point(|item| item.0 < number));
    let (start, end) = match side {
        Side::After => (at, at.saturating_add(limit).min(total)),
        Side::Before => (at.saturating_sub(limit), at),
    };
    // An empty page at an end of the list gets a cursor to the items at that end.
    let first = items.get(start).map_or(u64::MAX, |item| item.0);
    let last = end.checked_sub(1).and_then(|last| items.get(last)).map_or(0, |item| item.0);
    let pagination = Pagination {
        next_cursor: (end < total).then(|| write(list, Side::After, last.saturating_add(1))),
        previous_cursor: (start > 0).then(|| write(list, Side::Before, first)),
        total_count: i64::try_from(total).unwrap_or(i64::MAX),
        extra_fields: Map::new(),
    };
    let shown = items.into_iter().skip(start).take(end.saturating_sub(start));
    let items = shown.map(|item| item.1).collect();
    Ok(Page { items, pagination, extra_fields: Map::new() })
}

fn parameter<'a>(query: &'a [(String, String)], name: &str) -> Result<Option<&'a str>, Refusal> {
    let mut values = query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
    match (values.next(), values.next()) {
        (_, Some(_)) => Err(Refusal::invalid(format!("{name} is given twice"))),
        (value, None) => Ok(value),
    }
}

/// Returns a cursor: a hash, which makes the cursor valid for one list and one side only, and the
/// number.
fn write(list: &str, side: Side, number: u64) -> String {
    let mut hasher = DefaultHasher::new();
    (list, side, number).hash(&mut hasher);
    format!("{:016x}{number:x}", hasher.finish())
}

fn read(text: &str, list: &str) -> Result<(Side, u64), Refusal> {
    let number = text.get(16..).and_then(|number| u64::from_str_radix(number, 16).ok());
    let places = [Side::After, Side::Before].map(|side| (side, number.unwrap_or_default()));
    let place = places.into_iter().find(|(side, number)| write(list, *side, *number) == text);
    place.ok_or_else(|| Refusal::invalid("cursor does not belong to this list"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(numbers: impl IntoIterator<Item = u64>) -> Vec<(u64, u64)> {
        numbers.into_iter().map(|number| (number, number)).collect()
    }

    fn ask(items: Vec<(u64, u64)>, cursor: Option<&str>, limit: usize) -> Page<u64> {
        let mut query = vec![("limit".to_owned(), limit.to_string())];
        query.extend(cursor.map(|cursor| ("cursor".to_owned(), cursor.to_owned())));
        page(items, "list", &query).ok().unwrap()
    }

    #[test]
    fn cursors_lead_forward_and_back() {
        let items = || numbered(1..=5);
        let first = ask(items(), None, 2);
        let second = ask(items(), first.pagination.next_cursor.as_deref(), 2);
        let third = ask(items(), second.pagination.next_cursor.as_deref(), 2);
        assert_eq!(
            (&first.items, &second.items, &third.items),
            (&vec![1, 2], &vec![3, 4], &vec![5])
        );
        assert_eq!(first.pagination.previous_cursor, None);
        assert_eq!(third.pagination.next_cursor, None);
        let back = ask(items(), third.pagination.previous_cursor.as_deref(), 2);
        assert_eq!(back, second);
        let back = ask(items(), back.pagination.previous_cursor.as_deref(), 2);
        assert_eq!(back, first);
    }

    #[test]
    fn adding_and_removing_items_does_not_shift_pages() {
        let first = ask(numbered(1..=4), None, 2);
        let cursor = first.pagination.next_cursor.as_deref();
        // The item that the cursor names is gone, and another was added.
        assert_eq!(ask(numbered([1, 3, 4, 5]), cursor, 2).items, [3, 4]);
        // No items are left after the cursor.
        let empty = ask(numbered([1]), cursor, 2);
        assert_eq!((empty.items.len(), empty.pagination.next_cursor.as_deref()), (0, None));
        let previous = empty.pagination.previous_cursor.as_deref();
        assert_eq!(ask(numbered([1]), previous, 2).items, [1]);
    }

    #[test]
    fn an_item_added_between_two_pages_is_on_the_second() {
        let first = ask(numbered([1, 2, 5, 6]), None, 2);
        let cursor = first.pagination.next_cursor.as_deref();
        assert_eq!(ask(numbered([1, 2, 3, 5, 6]), cursor, 2).items, [3, 5]);
        let second = ask(numbered([1, 2, 5, 6]), cursor, 2);
        let previous = second.pagination.previous_cursor.as_deref();
        assert_eq!(ask(numbered([1, 2, 3, 5, 6]), previous, 2).items, [2, 3]);
    }

    #[test]
    fn an_empty_page_at_the_start_has_a_cursor_to_the_first_items() {
        let second = ask(numbered(1..=4), Some(&write("list", Side::After, 2)), 2);
        let previous = second.pagination.previous_cursor.as_deref();
        let empty = ask(numbered([3, 4]), previous, 2);
        assert_eq!((empty.items.len(), empty.pagination.total_count), (0, 2));
        assert_eq!(ask(numbered([3, 4]), empty.pagination.next_cursor.as_deref(), 2).items, [3, 4]);
    }

    #[test]
    fn a_list_refuses_the_cursor_of_another() {
        let cursor = write("one", Side::After, 1);
        assert!(read(&cursor, "one").is_ok());
        for (cursor, list) in [
            (&*cursor, "two"),
            ("", "one"),
            ("é", "one"),
            ("0123456789abcdef", "one"),
            ("zz", "one"),
        ] {
            assert!(read(cursor, list).is_err(), "{cursor}");
        }
        let (list, number) = cursor.split_at(16);
        assert!(read(&format!("{list}+{number}"), "one").is_err());
    }
}
