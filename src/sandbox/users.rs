//! The users, and the keys they are known by.

use std::collections::BTreeMap;

/// The users: the first, and those added since.
#[derive(Default)]
pub(super) struct Users {
    added: Vec<String>,
    by_key: BTreeMap<String, String>,
    /// Whether a key must be known. If not, an unknown or missing one is the first user's.
    strict: bool,
}

pub(super) const FIRST: &str = "user_1";

impl Users {
    /// The first user, known by `key` alone.
    pub(super) fn with_key(key: String) -> Users {
        let by_key = BTreeMap::from([(key, FIRST.to_owned())]);
        Users { by_key, strict: true, ..Users::default() }
    }

    pub(super) fn add(&mut self, key: String) -> String {
        let id = format!("user_{}", self.added.len().saturating_add(2));
        self.added.push(id.clone());
        self.by_key.insert(key, id.clone());
        id
    }

    pub(super) fn exist(&self, id: &str) -> bool {
        id == FIRST || self.added.iter().any(|added| added == id)
    }

    /// The first user's key, if there is one.
    pub(super) fn first_key(&self) -> Option<String> {
        self.by_key.iter().find(|(_, id)| *id == FIRST).map(|(key, _)| key.clone())
    }

    /// The user that an `Authorization` header stands for.
    pub(super) fn who(&self, authorization: Option<&str>) -> Option<String> {
        let key = authorization.and_then(|value| value.strip_prefix("Bearer "));
        let known = key.and_then(|key| self.by_key.get(key)).cloned();
        known.or_else(|| (!self.strict).then(|| FIRST.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_to_the_letter_and_may_hold_spaces() {
        let strict = Users::with_key("My API Key".to_owned());
        assert_eq!(strict.who(Some("Bearer My API Key")).as_deref(), Some(FIRST));
        let unknown =
            ["", "Bearer", "Bearer ", "My API Key", "Basic My API Key", "Bearer my api key"];
        for authorization in unknown.map(Some).into_iter().chain([None]) {
            assert_eq!(strict.who(authorization), None, "{authorization:?}");
            assert_eq!(Users::default().who(authorization).as_deref(), Some(FIRST));
        }
    }

    #[test]
    fn a_key_that_is_given_again_is_the_new_users() {
        let mut users = Users::with_key("key".to_owned());
        assert_eq!(users.first_key().as_deref(), Some("key"));
        assert_eq!(users.add("key".to_owned()), "user_2");
        assert_eq!(users.who(Some("Bearer key")).as_deref(), Some("user_2"));
        assert_eq!(users.first_key(), None);
        assert!(users.exist(FIRST) && users.exist("user_2") && !users.exist("user_3"));
    }
}
