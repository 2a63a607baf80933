//! Lists, an item at a time.

use std::mem::MaybeUninit;
use std::sync::{Mutex, MutexGuard, PoisonError};

use nirvana_labs::{Items, ListParams};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::code::Code;
use crate::entry::{self, Out, give, to_json};
use crate::error::{Error, Failure};
use crate::text::{OwnedText, Text};

/// A list, which fetches a page when it runs out of items. Threads that share one take turns.
pub struct List {
    source: Mutex<Box<dyn Source>>,
}

/// [`Items`] of any type.
trait Source: Send {
    fn next(&mut self) -> Result<OwnedText, Failure>;
    fn next_cursor(&self) -> Option<&str>;
    fn items_left_on_page(&self) -> usize;
    fn total_count(&self) -> Option<i64>;
}

impl<T: Serialize + DeserializeOwned + Send> Source for Items<T> {
    fn next(&mut self) -> Result<OwnedText, Failure> {
        match Iterator::next(self) {
            Some(item) => to_json(&item?),
            None => Ok(OwnedText::NONE),
        }
    }

    fn next_cursor(&self) -> Option<&str> {
        Items::next_cursor(self)
    }

    fn items_left_on_page(&self) -> usize {
        Items::items_left_on_page(self)
    }

    fn total_count(&self) -> Option<i64> {
        Items::total_count(self)
    }
}

/// Gives the caller the list that `items` makes.
pub(crate) fn make<T: Serialize + DeserializeOwned + Send + 'static>(
    limit: u32,
    cursor: Text<'_>,
    list: Out<'_, Option<Box<List>>>,
    error: Out<'_, Option<Box<Error>>>,
    items: impl FnOnce(ListParams) -> Result<Items<T>, Failure>,
) -> Code {
    give("list", list, None, error, || {
        let params = ListParams::new().cursor(cursor.optional("cursor")?);
        let params = if limit == 0 { params } else { params.limit(limit) };
        Ok(Some(Box::new(List { source: Mutex::new(Box::new(items(params)?)) })))
    })
}

fn lock(list: Option<&List>) -> Result<MutexGuard<'_, Box<dyn Source>>, Failure> {
    let list = list.ok_or_else(|| Failure::null("list"))?;
    Ok(list.source.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Gets the next item of a list, and the next page if need be.
///
/// json: the item, or NULL at the end of the list. After an error the list is at its end too,
/// and nirvana_list_next_cursor is that of the page that failed.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_list_next(
    list: Option<&List>,
    json: Option<&mut MaybeUninit<OwnedText>>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    give("json", json, OwnedText::NONE, error, || lock(list)?.next())
}

/// Gets the cursor of the page to be fetched next, to go on there another day.
///
/// Items of the current page that were not taken yet lie before it:
/// nirvana_list_items_left_on_page says how many those are.
///
/// cursor: the cursor; NULL at the start of a list, and once its last page was fetched.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_list_next_cursor(
    list: Option<&List>,
    cursor: Option<&mut MaybeUninit<OwnedText>>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    give("cursor", cursor, OwnedText::NONE, error, || {
        Ok(lock(list)?.next_cursor().map(str::to_owned).into())
    })
}

/// Gets how many items were fetched and not yet taken.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_list_items_left_on_page(
    list: Option<&List>,
    count: Option<&mut MaybeUninit<u64>>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    give("count", count, 0, error, || {
        Ok(u64::try_from(lock(list)?.items_left_on_page()).unwrap_or(u64::MAX))
    })
}

/// Gets how many items the whole list has, as the latest page said; -1 before the first.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_list_total_count(
    list: Option<&List>,
    count: Option<&mut MaybeUninit<i64>>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    give("count", count, -1, error, || Ok(lock(list)?.total_count().unwrap_or(-1)))
}

/// Frees a list, at its end or before. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn nirvana_list_free(list: Option<Box<List>>) {
    entry::free(list);
}
