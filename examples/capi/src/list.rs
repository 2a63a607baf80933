//! Lists.

use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};

use nirvana_labs::{Items, ListParams};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::cancel::CancelToken;
use crate::client::{Client, for_call};
use crate::code::Code;
use crate::entry::{self, ErrorOut, ListOut, TextOut, give, shield};
use crate::error::Failure;
use crate::json;
use crate::text::{OwnedText, Text};

/// `nirvana_list` in C. Threads that share a list take turns.
pub struct List {
    items: Mutex<Box<dyn AnyItems>>,
}

/// [`Items`] of any type. `None` becomes NULL.
trait AnyItems: Send {
    fn next(&mut self) -> Result<OwnedText, Failure>;
    fn resume(&self) -> Result<OwnedText, Failure>;
    fn total_count(&self) -> Option<i64>;
}

impl<T: Serialize + DeserializeOwned + Send> AnyItems for Items<T> {
    fn next(&mut self) -> Result<OwnedText, Failure> {
        Iterator::next(self).map_or(Ok(OwnedText::NONE), |item| json::write(&item?))
    }

    fn resume(&self) -> Result<OwnedText, Failure> {
        self.resume().map_or(Ok(OwnedText::NONE), |rest| json::write(&rest))
    }

    fn total_count(&self) -> Option<i64> {
        self.total_count()
    }
}

/// [`ListParams`], whose limit is checked at once.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Params {
    limit: Option<NonZeroU32>,
    cursor: Option<String>,
}

/// Gives the caller the list that `items` makes.
fn make<T: Serialize + DeserializeOwned + Send + 'static>(
    params: Text<'_>,
    list: ListOut<'_>,
    error: ErrorOut<'_>,
    items: impl FnOnce(&ListParams) -> Result<Items<T>, Failure>,
) -> Code {
    give("list", list, None, error, || {
        let Params { limit, cursor } = json::object("params", params)?;
        let mut params = ListParams::new();
        (params.limit, params.cursor) = (limit.map(NonZeroU32::get), cursor);
        Ok(Some(Box::new(List { items: Mutex::new(Box::new(items(&params)?)) })))
    })
}

fn lock(list: Option<&List>) -> Result<MutexGuard<'_, Box<dyn AnyItems>>, Failure> {
    let list = list.ok_or_else(|| Failure::null("list"))?;
    Ok(list.items.lock().unwrap_or_else(PoisonError::into_inner))
}

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

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_list_next(
    list: Option<&List>,
    json: TextOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    give("json", json, OwnedText::NONE, error, || lock(list)?.next())
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_list_resume(
    list: Option<&List>,
    json: TextOut<'_>,
    error: ErrorOut<'_>,
) -> Code {
    give("json", json, OwnedText::NONE, error, || lock(list)?.resume())
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_list_total_count(list: Option<&List>) -> i64 {
    shield(-1, || lock(list).ok().and_then(|list| list.total_count()).unwrap_or(-1))
}

#[unsafe(no_mangle)]
pub extern "C" fn nirvana_list_free(list: Option<Box<List>>) {
    entry::free(list);
}
