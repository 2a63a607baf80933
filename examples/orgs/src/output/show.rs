//! Items as people see them: their JSON, without its punctuation.

use nirvana_labs::{Organization, OrganizationMembership};
use serde::Serialize;
use serde_json::Value;

/// An item of a list.
pub(crate) trait Listed: Serialize {
    /// The plural.
    const MANY: &'static str;
    /// The header and the field of each column.
    const COLUMNS: [(&'static str, &'static str); 5];
}

impl Listed for Organization {
    const MANY: &'static str = "organizations";
    const COLUMNS: [(&'static str, &'static str); 5] = [
        ("ID", "id"),
        ("NAME", "name"),
        ("TYPE", "type"),
        ("BILLING EMAIL", "billing_email"),
        ("CREATED", "created_at"),
    ];
}

impl Listed for OrganizationMembership {
    const MANY: &'static str = "members";
    const COLUMNS: [(&'static str, &'static str); 5] = [
        ("ID", "id"),
        ("USER", "user_id"),
        ("ROLE", "role"),
        ("SINCE", "created_at"),
        ("UPDATED", "updated_at"),
    ];
}

/// A row of a list, with dates instead of timestamps.
pub(super) fn row<T: Listed>(item: &T) -> [String; 5] {
    let fields = serde_json::to_value(item).unwrap_or_default();
    T::COLUMNS.map(|(_, field)| {
        let text = fields.get(field).map(text).unwrap_or_default();
        match text.split_once('T') {
            Some((day, _)) if field.ends_with("_at") => day.to_owned(),
            _ => text,
        }
    })
}

/// All fields of an item as labels and values. The id and the name come first.
pub(super) fn details(item: &impl Serialize) -> Vec<(String, String)> {
    let Ok(Value::Object(fields)) = serde_json::to_value(item) else { return Vec::new() };
    let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
    fields.sort_by_key(|(name, _)| !matches!(name.as_str(), "id" | "name"));
    fields.into_iter().map(|(name, value)| (label(name), text(value))).collect()
}

/// `Billing email` for `billing_email`.
fn label(name: &str) -> String {
    let words = name.replace('_', " ");
    let (first, rest) = words.split_at_checked(1).unwrap_or_default();
    format!("{}{rest}", first.to_uppercase())
}

/// A value as text. Fields of an object that are false or null are left out.
fn text(value: &Value) -> String {
    let joined = |parts: Vec<String>, separator| match parts.is_empty() {
        true => "-".to_owned(),
        false => parts.join(separator),
    };
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => joined(items.iter().map(text).collect(), "; "),
        Value::Object(fields) => {
            let fields = fields.iter().filter_map(|(name, value)| match value {
                Value::Null | Value::Bool(false) => None,
                Value::Bool(true) => Some(name.clone()),
                value => Some(format!("{name} {}", text(value))),
            });
            joined(fields.collect(), ", ")
        }
    }
}
