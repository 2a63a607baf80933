//! A list keeps its position while its items change.

use nirvana_labs::http::Method;
use nirvana_labs::{ListParams, MembershipRole, Page, Sandbox};
use serde_json::Value;

use super::{client, client_of};

fn with_organizations(count: usize) -> Sandbox {
    let sandbox = Sandbox::new();
    for number in 1..=count {
        sandbox.add_organization(format!("Organization {number}"));
    }
    sandbox
}

#[test]
fn pages_have_20_items_by_default() {
    let sandbox = with_organizations(45);
    let api = client(&sandbox);
    let sizes = |params: ListParams| -> Vec<usize> {
        let pages = api.list_organizations(&params).into_pages();
        pages
            .map(|page| {
                let Page { items, pagination, .. } = page.unwrap();
                assert_eq!(pagination.total_count, 45);
                items.len()
            })
            .collect()
    };
    assert_eq!(sizes(ListParams::new()), [20, 20, 5]);
    assert_eq!(sizes(ListParams::new().limit(15)), [15, 15, 15]);
    assert_eq!(sizes(ListParams::new().limit(44)), [44, 1]);
    assert_eq!(sizes(ListParams::new().limit(100)), [45]);
}

#[test]
fn an_empty_list_is_one_empty_page() {
    let mut pages = client(&Sandbox::new()).list_organizations(&ListParams::new()).into_pages();
    let page = pages.next().unwrap().unwrap();
    assert_eq!((page.items.len(), page.pagination.total_count), (0, 0));
    assert_eq!((page.pagination.next_cursor, page.pagination.previous_cursor), (None, None));
    assert!(pages.next().is_none());
}

#[test]
fn items_are_neither_lost_nor_repeated_if_the_list_changes() {
    let sandbox = with_organizations(6);
    let user = sandbox.add_user("nl_second");
    for id in ["org_1", "org_2", "org_3"] {
        sandbox.add_member(id, &user, MembershipRole::Owner).unwrap();
    }
    let api = client(&sandbox);
    let mut items = api.list_organizations(&ListParams::new().limit(2));
    let mut seen = Vec::new();
    let mut take = |count: usize| {
        seen.extend(items.by_ref().take(count).map(|item| item.unwrap().id));
        (seen.clone(), items.total_count())
    };
    assert_eq!(take(2).1, Some(6));
    // Leave both organizations of the first page, including the one that the cursor points to, and
    // one of a later page. Add one at the end.
    for id in ["org_1", "org_2", "org_3"] {
        api.leave_organization(id).unwrap();
    }
    sandbox.add_organization("Organization 7");
    let (seen, total) = take(10);
    assert_eq!(seen, ["org_1", "org_2", "org_4", "org_5", "org_6", "org_7"]);
    assert_eq!(total, Some(4));
}

#[test]
fn a_saved_cursor_continues_the_list() {
    let sandbox = with_organizations(5);
    let api = client(&sandbox);
    let mut items = api.list_organizations(&ListParams::new().limit(2));
    items.next().unwrap().unwrap();
    items.next().unwrap().unwrap();
    let saved = items.resume().unwrap();
    // The cursor is opaque: it looks neither like an id nor like an offset.
    let cursor = saved.cursor.as_deref().unwrap();
    assert!(!cursor.contains("org_") && cursor.len() > 10, "{cursor}");
    let rest = api.list_organizations(&saved);
    let rest: Vec<String> = rest.map(|item| item.unwrap().id).collect();
    assert_eq!(rest, ["org_3", "org_4", "org_5"]);
}

#[test]
fn previous_cursors_lead_back_to_the_start() {
    let sandbox = with_organizations(5);
    let api = client(&sandbox);
    let page = |cursor: Option<&str>| {
        let params = ListParams::new().limit(2).cursor(cursor.unwrap_or_default());
        api.list_organizations(&params).into_pages().next().unwrap().unwrap()
    };
    let first = page(None);
    let second = page(first.pagination.next_cursor.as_deref());
    let third = page(second.pagination.next_cursor.as_deref());
    assert_eq!(third.items.len(), 1);
    assert_eq!(page(third.pagination.previous_cursor.as_deref()), second);
    assert_eq!(page(second.pagination.previous_cursor.as_deref()), first);
    assert_eq!(first.pagination.previous_cursor, None);
}

#[test]
fn members_are_listed_in_pages_too() {
    let sandbox = with_organizations(1);
    for number in 0..24 {
        let user = sandbox.add_user(format!("nl_{number}"));
        sandbox.add_member("org_1", &user, MembershipRole::Member).unwrap();
    }
    let api = client_of(&sandbox, "nl_7");
    let members: Vec<String> = api
        .list_organization_memberships("org_1", &ListParams::new().limit(10))
        .map(|member| member.unwrap().user_id)
        .collect();
    let expected: Vec<String> = (1..=25).map(|number| format!("user_{number}")).collect();
    assert_eq!(members, expected);
    assert_eq!(sandbox.requests().len(), 3);
}

#[test]
fn invalid_limits_and_cursors_are_refused() {
    let sandbox = with_organizations(3);
    sandbox.add_user("nl_other");
    let api = client(&sandbox);
    let cursor_of = |path: &[&str]| {
        let page = api.request(Method::GET, path).query("limit", "1").send::<Value>().unwrap();
        page.body()["pagination"]["next_cursor"].as_str().map(str::to_owned)
    };
    sandbox.add_member("org_1", "user_2", MembershipRole::Member).unwrap();
    let of_organizations = cursor_of(&["v1", "organizations"]).unwrap();
    let of_members = cursor_of(&["v1", "organizations", "org_1", "memberships"]).unwrap();

    let status = |name: &str, value: &str| {
        let request = api.request(Method::GET, ["v1", "organizations"]).query(name, value);
        match request.send::<Value>() {
            Ok(response) => response.status().as_u16(),
            Err(error) => error.status().unwrap(),
        }
    };
    for limit in ["0", "-1", "+5", " 5", "5 ", "5.0", "1e1", "0x5", "٥", "101", "ten", "", "1.5"] {
        assert_eq!(status("limit", limit), 422, "{limit}");
    }
    for limit in ["99999999999999999999999", "+", "5\0"] {
        assert_eq!(status("limit", limit), 422, "{limit}");
    }
    assert_eq!((status("limit", "1"), status("limit", "100")), (200, 200));
    assert_eq!(status("limit", "005"), 200);
    assert_eq!(status("cursor", &of_organizations), 200);
    for cursor in ["", "org_1", "2", of_members.as_str(), &format!("{of_organizations}0"), "é"] {
        assert_eq!(status("cursor", cursor), 422, "{cursor}");
    }
    // The cursor of one user is invalid for another.
    let other = client_of(&sandbox, "nl_other");
    let mut list = other.list_organizations(&ListParams::new().cursor(of_organizations));
    assert_eq!(list.next().unwrap().unwrap_err().status(), Some(422));

    let twice = api.request(Method::GET, ["v1", "organizations"]);
    let twice = twice.query("limit", "1").query("limit", "2").send::<Value>();
    assert_eq!(twice.unwrap_err().status(), Some(422));
}
