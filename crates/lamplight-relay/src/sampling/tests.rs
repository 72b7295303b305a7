//! Examples of the specification, and properties.

use proptest::prelude::*;

use super::*;

/// Trace ids with the least and the most randomness.
const LEAST: [u8; 16] = [0; 16];
const MOST: [u8; 16] = [0xff; 16];

fn rewritten(before: &str, trace_id: [u8; 16], threshold: Option<Threshold>) -> Option<String> {
    let mut out = b"what was there".to_vec();
    match rewrite(
        before.as_bytes(),
        &trace_id,
        threshold,
        Heads::Unsampled,
        &mut out,
    ) {
        Rewritten::Unchanged => None,
        Rewritten::Written => Some(String::from_utf8(out).unwrap()),
    }
}

fn threshold(fraction: f64) -> Threshold {
    Threshold::from_probability(fraction)
}

#[test]
fn thresholds_are_those_of_the_specifications_table() {
    let table = [
        (1, ["0"; 3]),
        (2, ["8"; 3]),
        (3, ["aab", "aaab", "aaaab"]),
        (4, ["c"; 3]),
        (5, ["ccd", "cccd", "ccccd"]),
        (8, ["e"; 3]),
        (10, ["e66", "e666", "e6666"]),
        (16, ["f"; 3]),
        (100, ["fd71", "fd70a", "fd70a4"]),
        (1000, ["ffbe7", "ffbe77", "ffbe76d"]),
        (10_000, ["fff972", "fff9724", "fff97247"]),
        (100_000, ["ffff584", "ffff583a", "ffff583a5"]),
        (1_000_000, ["ffffef4", "ffffef39", "ffffef391"]),
    ];
    for (one_in, expected) in table {
        let fraction = 1.0 / f64::from(one_in);
        let found = [3, 4, 5].map(|digits| Threshold::rounded(fraction, digits).to_string());
        assert_eq!(found, expected, "1 in {one_in}");
        assert_eq!(threshold(fraction).to_string(), expected[1]);
    }
}

#[test]
fn probabilities_and_adjusted_counts_are_those_of_the_specifications_table() {
    let table = [
        ("8", 0.5, 2.0),
        ("aaab", 0.333_328_247_070_312_5, 3.000_045_777_065_69),
        ("cccd", 0.199_996_948_242_187_5, 5.000_076_295_109_483_5),
        ("e666", 0.100_006_103_515_625, 9.999_389_685_688_13),
        ("fd70a", 0.010_000_228_881_835_938, 99.997_711_234_026_33),
        ("ffbe77", 0.000_999_987_125_396_728_5, 1_000.012_874_769_029),
        ("ffff583a", 1.000_007_614_493_37e-5, 99_999.238_556_461),
    ];
    for (text, probability, count) in table {
        let threshold = Threshold::from_th(text.as_bytes()).unwrap();
        assert!(
            (threshold.probability() / probability - 1.0).abs() < 1e-12,
            "{text}"
        );
        assert!(
            (threshold.adjusted_count() / count - 1.0).abs() < 1e-12,
            "{text}"
        );
    }
    assert_eq!(Threshold::ALWAYS.adjusted_count(), 1.0);
    assert_eq!(Threshold::NEVER.adjusted_count(), f64::INFINITY);
    assert_eq!(Threshold::NEVER.probability(), 0.0);
}

#[test]
fn fractions_that_are_none_keep_nothing_or_everything() {
    for fraction in [0.0, -1.0, f64::NAN, f64::NEG_INFINITY] {
        assert_eq!(threshold(fraction), Threshold::NEVER);
    }
    for fraction in [1.0, 2.0, f64::INFINITY, 0.999_999] {
        assert_eq!(threshold(fraction), Threshold::ALWAYS);
    }
    let least = threshold(f64::MIN_POSITIVE);
    assert_eq!(least.to_string(), "ffffffffffffff");
    assert!(least.keeps(Randomness::of_trace_id(&MOST)));
    assert!(!Threshold::NEVER.keeps(Randomness::of_trace_id(&MOST)));
    assert!(Threshold::ALWAYS.keeps(Randomness::of_trace_id(&LEAST)));
}

#[test]
fn a_threshold_is_1_to_14_digits_with_zeros_behind() {
    let number = |text: &str| Threshold::from_th(text.as_bytes()).map(Threshold::get);
    assert_eq!(number("c"), Some(0xc0_0000_0000_0000));
    assert_eq!(number("C"), Some(0xc0_0000_0000_0000));
    assert_eq!(number("00000000000001"), Some(1));
    assert_eq!(number("0"), Some(0));
    for none in ["", "g", "+1", " c", "000000000000001"] {
        assert_eq!(number(none), None, "{none}");
    }
}

#[test]
fn randomness_is_rv_or_the_last_56_bits_of_the_trace_id() {
    let id = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736_u128.to_be_bytes();
    let of = |state: &str| Randomness::of(state.as_bytes(), &id).get();
    assert_eq!(of(""), 0xce_929d_0e0e_4736);
    assert_eq!(of("ot=th:8;rv:6e6d1a75832a2f"), 0x6e_6d1a_7583_2a2f);
    assert_eq!(of("a=b, ot=rv:00000000000000"), 0);
    // With 13 digits it is invalid, and in another member it is ignored.
    assert_eq!(of("ot=rv:6e6d1a75832a2"), 0xce_929d_0e0e_4736);
    assert_eq!(of("x=rv:6e6d1a75832a2f"), 0xce_929d_0e0e_4736);
}

#[test]
fn the_threshold_of_a_span_is_the_higher_one_of_its_own_and_its_traces() {
    let tenth = Some(threshold(0.1));
    let cases = [
        // Not sampled before.
        ("", "ot=th:e666"),
        ("vendor=x", "ot=th:e666,vendor=x"),
        ("ot=", "ot=th:e666"),
        // The threshold may be raised.
        ("ot=th:0", "ot=th:e666"),
        ("ot=th:8", "ot=th:e666"),
        // Sub-keys and members keep their order; `ot` comes first.
        ("a=1,ot=p:8;th:c;r:62,b=2", "ot=th:e666;p:8;r:62,a=1,b=2"),
        ("ot=rv:ffffffffffffff;th:8", "ot=th:e666;rv:ffffffffffffff"),
        (" a=1 ,, ot=th:8\t", "ot=th:e666,a=1"),
    ];
    for (before, after) in cases {
        assert_eq!(
            rewritten(before, MOST, tenth).as_deref(),
            Some(after),
            "{before}"
        );
    }
    // The threshold may not be lowered.
    for before in ["ot=th:e666", "ot=th:fd70a", "a=b,ot=th:fd70a"] {
        assert_eq!(rewritten(before, MOST, tenth), None, "{before}");
    }
    let always = Some(Threshold::ALWAYS);
    assert_eq!(rewritten("", LEAST, always).as_deref(), Some("ot=th:0"));
}

#[test]
fn a_threshold_that_the_span_does_not_pass_is_erased() {
    let always = Some(Threshold::ALWAYS);
    assert_eq!(rewritten("ot=th:8", LEAST, always).as_deref(), Some(""));
    assert_eq!(
        rewritten("ot=th:8;rv:7fffffffffffff,a=b", MOST, always).as_deref(),
        Some("ot=rv:7fffffffffffff,a=b")
    );
    // It is also removed if the probability of the decision is unknown.
    assert_eq!(rewritten("a=b,ot=th:8", MOST, None).as_deref(), Some("a=b"));
    assert_eq!(rewritten("a=b", MOST, None), None);
    assert_eq!(rewritten("ot=p:1", MOST, Some(Threshold::NEVER)), None);
}

#[test]
fn heads_that_say_nothing_may_be_taken_as_unknown() {
    let rewritten = |before: &[u8]| {
        let mut out = Vec::new();
        let tenth = Some(threshold(0.1));
        let rewritten = rewrite(before, &MOST, tenth, Heads::Unknown, &mut out);
        (rewritten == Rewritten::Written).then_some(out)
    };
    assert_eq!(rewritten(b"a=b"), None);
    assert_eq!(rewritten(b"ot=th:8"), Some(b"ot=th:e666".to_vec()));
}

#[test]
fn a_malformed_tracestate_is_left_as_it_is() {
    let long = format!("ot=x:{}", "a".repeat(255));
    let many = vec!["a=b"; 33].join(",");
    for malformed in [
        "ot",
        "=",
        "a=b,ot",
        "ot=th",
        "ot=th:8;",
        "ot=th:8;th:c",
        "ot=th:xyz",
        "ot=th:000000000000001",
        "ot=a:b;A:c",
        "ot=a:$",
        "ot=th:8,ot=th:c",
        "a=1,a=2",
        "a=b=c",
        "\u{e9}=1",
        long.as_str(),
        many.as_str(),
    ] {
        let tenth = Some(threshold(0.1));
        assert_eq!(rewritten(malformed, MOST, tenth), None, "{malformed}");
    }
}

#[test]
fn limits_of_w3c_and_opentelemetry_hold() {
    let tenth = Some(threshold(0.1));
    let members: Vec<_> = (0..32).map(|number| format!("m{number}=x")).collect();
    let after = rewritten(&members.join(","), MOST, tenth).unwrap();
    assert!(after.starts_with("ot=th:e666,m0=x,") && after.ends_with(",m30=x"));
    assert_eq!(after.split(',').count(), 32);
    // With `ot` among them, no member has to be dropped.
    let with_ot = format!("{},ot=th:8", members[..31].join(","));
    let after = rewritten(&with_ot, MOST, tenth).unwrap();
    assert!(after.ends_with(",m30=x"));
    // A full `ot` of 256 bytes has no room: then the threshold is unknown.
    let full = format!("ot=x:{}", "a".repeat(254));
    assert_eq!(rewritten(&full, MOST, tenth), None);
    let full = format!("ot=th:8;x:{}", "a".repeat(247));
    let without = format!("ot=x:{}", "a".repeat(247));
    assert_eq!(rewritten(&full, MOST, tenth), Some(without));
    let room = format!("ot=x:{}", "a".repeat(246));
    assert_eq!(rewritten(&room, MOST, tenth).unwrap().len(), 3 + 256);
}

proptest! {
    #[test]
    fn a_threshold_survives_its_text_and_its_compact_form(fraction in 0.0..1.0_f64, scale in 0..60) {
        let threshold = Threshold::from_probability(fraction * 0.5_f64.powi(scale));
        prop_assert_eq!(Threshold::from_compact(threshold.compact()), threshold);
        prop_assert!(threshold.compact() < 1 << 20);
        if threshold != Threshold::NEVER {
            prop_assert_eq!(Threshold::from_th(threshold.th().as_bytes()), Some(threshold));
        }
    }

    #[test]
    fn what_is_compact_is_rounded_down(number in 0..=1_u64 << 56) {
        let threshold = Threshold::from_number(number).unwrap();
        let compact = Threshold::from_compact(threshold.compact());
        prop_assert!(compact <= threshold);
        prop_assert_eq!(compact.compact(), threshold.compact());
    }

    #[test]
    fn a_fraction_is_kept_to_four_digits(fraction in 0.0..1.0_f64, scale in 0..40) {
        let fraction = fraction * 0.5_f64.powi(scale);
        prop_assume!(fraction > 1e-13);
        let threshold = Threshold::from_probability(fraction);
        let error = (threshold.probability() / fraction - 1.0).abs();
        prop_assert!(error <= 1.0 / 4096.0 || fraction > 0.99, "{} {}", threshold, error);
    }

    /// Any tracestate stays unchanged, or has the threshold and all its earlier content.
    #[test]
    fn nothing_else_is_lost(
        before in "[a-z0-9=,:; \t\u{e9}A-]{0,60}|((a|b|ot)=(th:8|rv:0123456789abcd|x:y|;){0,3},?){0,4}",
        id in any::<[u8; 16]>(),
        fraction in 0.0..1.0_f64,
    ) {
        let threshold = Threshold::from_probability(fraction);
        let view = TraceState::new(before.as_bytes());
        if let Some(after) = rewritten(&before, id, Some(threshold)) {
            prop_assert!(view.is_valid());
            let new = TraceState::new(after.as_bytes());
            prop_assert!(new.is_valid());
            prop_assert_eq!(new.randomness(), view.randomness());
            let randomness = Randomness::of(before.as_bytes(), &id);
            let own = view.threshold().unwrap_or(Threshold::ALWAYS);
            let expected = Some(own.max(threshold)).filter(|new| new.keeps(randomness));
            prop_assert_eq!(new.threshold(), expected);
            let others = |text: &str| -> Vec<String> {
                let members = text.split(',').map(|member| member.trim_ascii().to_owned());
                members.filter(|member| !member.is_empty() && !member.starts_with("ot=")).collect()
            };
            prop_assert_eq!(others(&after), others(&before));
            // A second call changes nothing, unless the threshold was removed: then nothing
            // prevents another one.
            let again = expected.or(Some(threshold).filter(|new| new.keeps(randomness)));
            prop_assert_eq!(rewritten(&after, id, Some(threshold)).is_none(), again == expected);
        }
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..100), id in any::<[u8; 16]>()) {
        let mut out = Vec::new();
        Randomness::of(&bytes, &id);
        let _ = rewrite(&bytes, &id, Some(Threshold::ALWAYS), Heads::Unsampled, &mut out);
    }
}
