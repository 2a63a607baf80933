//! Lists, an item at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use nirvana_labs::{Items, ListParams};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::cancel::CancelToken;
use crate::client::{Client, for_call};
use crate::code::Code;
use crate::entry::{self, ErrorOut, ListOut, TextOut, give, respond};
use crate::error::Failure;
use crate::json;
use crate::text::{OwnedText, Text};

/// A list, which fetches a page when it runs out of items. Threads that share one take turns.
pub struct List {
    source: Mutex<Box<dyn Source>>,
}

/// [`Items`] of any type.
trait Source: Send {
    fn next(&mut self) -> Result<OwnedText, Failure>;
    fn position(&self) -> Value;
}

impl<T: Serialize + DeserializeOwned + Send> Source for Items<T> {
    fn next(&mut self) -> Result<OwnedText, Failure> {
        Iterator::next(self).map_or(Ok(OwnedText::NONE), |item| json::write(&item?))
    }

    fn position(&self) -> Value {
        json!({
            "page_cursor": self.page_cursor(),
            "next_cursor": self.next_cursor(),
            "items_left_on_page": self.items_left_on_page(),
            "total_count": self.total_count(),
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Params {
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Gives the caller the list that `items` makes.
fn make<T: Serialize + DeserializeOwned + Send + 'static>(
    params: Text<'_>,
    list: ListOut<'_>,
    error: ErrorOut<'_>,
    items: impl FnOnce(ListParams) -> Result<Items<T>, Failure>,
) -> Code {
    give("list", list, None, error, || {
        let Params { limit, cursor } = json::object("params", params)?;
        let mut params = ListParams::new().cursor(cursor);
        if let Some(limit) = limit {
            params = params.limit(limit);
        }
        Ok(Some(Box::new(List { source: Mutex::new(Box::new(items(params)?)) })))
    })
}

fn lock(list: Option<&List>) -> Result<MutexGuard<'_, Box<dyn Source>>, Failure> {
    let list = list.ok_or_else(|| Failure::null("list"))?;
    Ok(list.source.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Lists the organizations that the caller belongs to. Nothing is sent before the first
/// nirvana_list_next. Free the list with nirvana_list_free.
/// GET /v1/organizations
///
/// params: JSON with any of limit, the most items of a page (the list has all items either way),
/// and cursor, where to begin: next_cursor from nirvana_list_position. NULL for all items.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_list_organizations(
    client: Option<&Client>,
    params: Text<'_>,
    options: Text<'_>,
    cancel: Option<&CancelToken>,
    list: ListOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    make(params, list, error, |params| {
        Ok(for_call(client, options, cancel)?.list_organizations(params))
    })
}

/// Lists the memberships of an organization, as nirvana_list_organizations does its items.
/// GET /v1/organizations/{organization_id}/memberships
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_list_organization_memberships(
    client: Option<&Client>,
    organization_id: Text<'_>,
    params: Text<'_>,
    options: Text<'_>,
    cancel: Option<&CancelToken>,
    list: ListOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    make(params, list, error, |params| {
        let organization_id = organization_id.required("organization_id")?;
        let api = for_call(client, options, cancel)?;
        Ok(api.list_organization_memberships(organization_id, params))
    })
}

/// Gets the next item of a list, and the next page if need be.
///
/// json: the item, or NULL at the end of the list. After an error the list is at its end too,
/// and next_cursor of nirvana_list_position is that of the page that failed.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_list_next(
    list: Option<&List>,
    json: TextOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    give("json", json, OwnedText::NONE, error, || lock(list)?.next())
}

/// Gets where a list stands, to show progress, or to go on from there another day.
///
/// json: {"page_cursor": "...", "next_cursor": "...", "items_left_on_page": 0, "total_count": 7}.
/// Give page_cursor as the cursor of a new list to read the current page again from its start,
/// and next_cursor to go on after it. page_cursor is null on the first page, next_cursor before
/// it and after the last, total_count before the first.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_list_position(
    list: Option<&List>,
    json: TextOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    respond(json, error, || Ok(lock(list)?.position()))
}

/// Frees a list, at its end or before. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_list_free(list: Option<Box<List>>) {
    entry::free(list);
}
