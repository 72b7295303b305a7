//! The snapshots compile without warnings, and record the data of the registry.

#![deny(warnings)]
#![allow(missing_docs)]

mod dependencies {
    include!("../snapshots/dependencies.rs");
}
#[allow(unreachable_pub)]
mod deprecations {
    include!("../snapshots/deprecations.rs");
}
mod enums {
    include!("../snapshots/enums.rs");
}
mod inheritance {
    include!("../snapshots/inheritance_v1.rs");
}
mod keywords {
    include!("../snapshots/keywords.rs");
}
#[allow(unreachable_pub)]
mod older {
    include!("../snapshots/older_v1.rs");
}
mod prose {
    include!("../snapshots/prose.rs");
}
mod refinements {
    include!("../snapshots/refinements_v2.rs");
}
mod templates {
    include!("../snapshots/templates.rs");
}
mod value_types_v1 {
    include!("../snapshots/value_types_v1.rs");
}
mod value_types_v2 {
    include!("../snapshots/value_types_v2.rs");
}

use opentelemetry::{Array, Key, KeyValue, StringValue, Value};

fn texts(items: &[&'static str]) -> Value {
    Value::Array(Array::String(
        items.iter().map(|item| StringValue::from(*item)).collect(),
    ))
}

#[test]
fn every_type_records_its_value() {
    use value_types_v1::shop as v1;
    use value_types_v2::shop as v2;
    let pairs = [
        (v1::text("a"), v2::text("a".to_owned()), Value::from("a")),
        (v1::count(1), v2::count(1), Value::I64(1)),
        (v1::ratio(0.5), v2::ratio(0.5), Value::F64(0.5)),
        (v1::open(true), v2::open(true), Value::Bool(true)),
        (
            v1::list::texts(["a", "b"]),
            v2::list::texts(vec!["a", "b"]),
            texts(&["a", "b"]),
        ),
        (
            v1::list::counts([1]),
            v2::list::counts(vec![1]),
            Value::Array(Array::I64(vec![1])),
        ),
        (
            v1::list::ratios([1.0]),
            v2::list::ratios([1.0]),
            Value::Array(Array::F64(vec![1.0])),
        ),
        (
            v1::list::truths([true]),
            v2::list::truths([true]),
            Value::Array(Array::Bool(vec![true])),
        ),
        (v1::anything(7), v2::anything(7), Value::I64(7)),
    ];
    for (one, other, value) in pairs {
        assert_eq!(one, other);
        assert_eq!(one.value, value);
    }
    assert_eq!(v1::TEXT, "shop.text");
    assert_eq!(v2::list::TEXTS, "shop.list.texts");
}

#[test]
fn static_values_are_not_copied() {
    let KeyValue { key, value, .. } = value_types_v2::shop::text("static");
    let Value::String(text) = value else {
        panic!("not a text")
    };
    // Neither is on the heap: both still point at the program's own data.
    assert_eq!(text.as_str().as_ptr(), "static".as_ptr());
    assert_eq!(key, Key::from_static_str("shop.text"));
}

#[test]
fn enums_know_their_members() {
    use enums::shop::{ShopAnswer, ShopCode, ShopColor, ShopFit, ShopSize};
    let color = enums::shop::color(ShopColor::LightBlue);
    assert_eq!(
        (color.key.as_str(), color.value),
        ("shop.color", "light-blue".into())
    );
    // Of two members with one value, the one that is not deprecated is read.
    assert_eq!(ShopColor::from_value("light-blue"), ShopColor::LightBlue);
    assert_eq!(
        ShopColor::from_value("green"),
        ShopColor::Custom("green".into())
    );
    assert_eq!(ShopColor::from_value("green".to_owned()).as_str(), "green");
    assert_eq!(
        Value::from(ShopColor::Custom("green".into())),
        "green".into()
    );

    assert_eq!(ShopCode::Http10.as_i64(), 100);
    assert_eq!(ShopCode::from_value(10), ShopCode::Http1_0);
    assert_eq!(Value::from(ShopCode::Custom(404)), Value::I64(404));
    assert_eq!(enums::shop::code(ShopCode::Ok).value, Value::I64(0));

    assert_eq!(ShopSize::from_value("S"), Some(ShopSize::Small));
    assert_eq!(ShopSize::from_value("M"), None);
    assert_eq!(enums::shop::size(ShopSize::Large).value, "L".into());

    assert_eq!(ShopAnswer::from_value(false), Some(ShopAnswer::No));
    assert_eq!(
        enums::shop::answer(ShopAnswer::Yes).value,
        Value::Bool(true)
    );

    assert_eq!(ShopFit::from_value("custom"), ShopFit::Custom);
    assert_eq!(ShopFit::from_value("odd"), ShopFit::Unlisted("odd".into()));
}

#[test]
fn what_older_registries_say_is_recorded() {
    use older::shop::payment::ShopPaymentMethod;
    use older::shop::{self, ShopLimit, ShopWeight};
    use older::{events, spans};
    // A member without a value has its id.
    let card = shop::payment::method(ShopPaymentMethod::Card);
    assert_eq!(card.key.as_str(), "shop.payment.method");
    assert_eq!(card.value, "card".into());
    assert_eq!(Value::from(ShopPaymentMethod::Invoice), "on_account".into());

    assert_eq!(shop::weight(ShopWeight::Small).value, Value::F64(1.0));
    assert_eq!(ShopWeight::from_value(2.5), ShopWeight::Medium);
    assert_eq!(ShopWeight::from_value(-0.0), ShopWeight::Large);
    assert_eq!(ShopWeight::from_value(3.5), ShopWeight::Custom(3.5));
    assert_eq!(ShopLimit::from_value(0.5), Some(ShopLimit::Low));
    assert_eq!(ShopLimit::from_value(f64::NAN), None);

    assert_eq!(shop::geo::lat(52.5).key.as_str(), "shop.geo.lat");
    assert_eq!(events::shop_sold::NAME, "shop_sold");
    let [total, _] = events::shop_sold::required(7, ShopPaymentMethod::Card);
    assert_eq!(total.key.as_str(), "shop_sold.total");
    let [weight] = spans::trace::shop::checkout::required(ShopWeight::Large);
    assert_eq!(weight.value, Value::F64(0.0));
}

#[test]
#[allow(deprecated)]
fn a_deprecated_member_leaves_its_name_to_the_current_one() {
    use older::shop::payment::ShopPaymentMethod;
    let as_text = |member: ShopPaymentMethod| member.as_str().to_owned();
    assert_eq!(as_text(ShopPaymentMethod::PayLater), "pay.later");
    assert_eq!(as_text(ShopPaymentMethod::DeprecatedPayLater), "pay_later");
}

#[test]
fn templates_append_to_their_key() {
    use templates::shop;
    let label = shop::label("color", "red");
    assert_eq!(
        (label.key.as_str(), label.value),
        ("shop.label.color", "red".into())
    );
    let header = shop::header("accept", ["a", "b"]);
    assert_eq!(
        (header.key.as_str(), header.value),
        ("shop.header.accept", texts(&["a", "b"]))
    );
}

#[test]
fn names_that_are_keywords_work() {
    use keywords::key::KeyValueMember;
    use keywords::{crate_, r#match, shop, spans};
    assert_eq!(shop::r#type("x").key.as_str(), "shop.type");
    assert_eq!(shop::r#async(true).key.as_str(), shop::ASYNC);
    assert_eq!(crate_::super_::self_(1).key.as_str(), crate_::super_::SELF);
    assert_eq!(r#match::r#fn::r#impl(1).key.as_str(), "match.fn.impl");
    assert_eq!(shop::_2xx(1).key.as_str(), "shop.2xx");
    assert_eq!(shop::http::_1_0(1).key.as_str(), shop::http::_1_0_);
    assert_eq!(shop::_1st::place(1).key.as_str(), "shop.1st.place");
    let [kind, itself, value, long] =
        spans::r#loop::r#type::required("x", 1, KeyValueMember::_2xx, "long");
    assert_eq!(kind, shop::r#type("x"));
    assert_eq!(itself, crate_::super_::self_(1));
    assert_eq!(value.value, "2xx".into());
    assert!(long.key.as_str().starts_with("shop.a_very_long_name"));
}

#[test]
#[allow(deprecated)]
fn deprecated_names_still_record() {
    use deprecations::{BARE, bare, shop};
    assert_eq!(shop::order_id("1").key.as_str(), shop::ORDER_ID);
    assert_eq!(shop::route("x").key.as_str(), "shop.route");
    assert_eq!(bare(1).key.as_str(), BARE);
}

#[test]
fn values_with_odd_letters_are_recorded_as_they_are() {
    use prose::shop::{ShopQuote, quote};
    assert_eq!(quote(ShopQuote::Quote).value, "say \"hi\"".into());
    assert_eq!(quote(ShopQuote::Newline).value, "a\nb".into());
    assert_eq!(ShopQuote::from_value("größe"), ShopQuote::Umlaut);
}

#[test]
fn signals_ask_for_what_they_require() {
    use refinements::shop::ShopWay;
    use refinements::{events, metrics, spans};
    assert_eq!(spans::shop::sell::TYPE, "shop.sell");
    assert_eq!(spans::shop::sell::SAMPLING_RELEVANT, ["shop.order.id"]);
    let [order, way] = spans::shop::sell::required("7", ShopWay::Web);
    assert_eq!(order, refinements::shop::order::id("7"));
    assert_eq!(way, refinements::shop::way(ShopWay::Web));
    // The refinement requires the total too, and is recorded as what it refines.
    let [_, total, _] = spans::shop::sell::web::required("7", 100, ShopWay::Web);
    assert_eq!(total.value, Value::I64(100));
    assert_eq!(spans::shop::sell::web::TYPE, "shop.sell");
    assert_eq!(events::shop::sold::NAME, "shop.sold");
    assert_eq!(
        events::shop::sold::required(1)[0].key.as_str(),
        "shop.order.total"
    );
    assert_eq!(metrics::shop::sales::UNIT, "{sale}");
    assert_eq!(metrics::shop::sales::DESCRIPTION, "Sales.");
    assert_eq!(
        metrics::shop::sales::web::required(ShopWay::Till)[0].value,
        "till".into()
    );
}

#[test]
fn inherited_requirements_are_asked_for() {
    use inheritance::{events, metrics, spans};
    assert_eq!(
        spans::shop::sell::required("1")[0].key.as_str(),
        "shop.order.id"
    );
    assert_eq!(events::shop::sold::required("1").len(), 1);
    assert_eq!(metrics::shop::sales::NAME, "shop.sales");
}

#[test]
fn attributes_of_a_dependency_come_along() {
    use dependencies::{SCHEMA_URL, net, shop, spans};
    assert_eq!(SCHEMA_URL, "https://shop.example/schemas/2.0.0");
    assert_eq!(net::peer("x").key.as_str(), net::PEER);
    let [peer, order] = spans::shop::call::required("x", "1");
    assert_eq!((peer, order), (net::peer("x"), shop::order::id("1")));
}
