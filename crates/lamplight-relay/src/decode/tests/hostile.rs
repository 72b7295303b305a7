//! Malformed input.

use opentelemetry_proto::tonic::common::v1::{ArrayValue, KeyValueList};
use proptest::prelude::*;

use super::*;

#[test]
fn a_bomb_is_refused_before_it_goes_off() {
    let zeros = vec![0; 4 << 20];
    let limits = Limits { max_bytes: 1 << 20 };
    for bomb in [gzipped(&zeros), zlibbed(&zeros), zstdded(&zeros)] {
        assert!(bomb.len() < 64 << 10);
        let refusal = payloads(&bomb.into(), &limits).unwrap_err();
        assert_eq!(refusal.reason, Reason::TooLarge);
    }
    // Deflate is only a guess, so its data counts as "not a request", whatever the failure was.
    let refusal = payloads(&deflated(&zeros).into(), &limits).unwrap_err();
    assert_eq!(refusal.reason, Reason::NotOtlp);
}

#[test]
fn the_limit_is_for_all_parts_of_a_record_together() {
    let data = encoded((1..100).map(span).collect());
    let packed = gzipped(&data);
    let record = Bytes::from(aggregated(&[&packed, &packed, &packed]));
    let limits = Limits {
        max_bytes: data.len() * 2,
    };
    let payloads = payloads(&record, &limits).unwrap();
    assert_eq!(payloads.len(), 2);
    let refusal = payloads.refusal().unwrap();
    assert_eq!((refusal.reason, refusal.records), (Reason::TooLarge, 1));
}

#[test]
fn many_bombs_in_one_record_cost_no_more_than_one() {
    let bomb = gzipped(&vec![0; 1 << 20]);
    let bombs: Vec<&[u8]> = vec![&bomb; 5000];
    let limits = Limits { max_bytes: 4 << 20 };
    let refusal = payloads(&aggregated(&bombs).into(), &limits).unwrap_err();
    assert_eq!((refusal.reason, refusal.records), (Reason::NotOtlp, 5000));
    // Refused data has used up room too, and data that does not fit has used up the rest.
    let mut room = limits.max_bytes;
    for _ in 0..3 {
        assert!(Compression::Gzip.unpack(&bomb, &mut room).is_ok());
    }
    room -= 1;
    assert_eq!(
        Compression::Gzip.unpack(&bomb, &mut room),
        Err(Reason::TooLarge)
    );
    assert_eq!(room, 0);
}

/// As many parts as a record can have, all of them meaningless.
#[test]
fn parts_that_are_nothing_are_counted() {
    let parts: Vec<&[u8]> = vec![b"\x01\x02\x03"; 150_000];
    let refusal = read(aggregated(&parts)).unwrap_err();
    assert_eq!(
        (refusal.reason, refusal.records),
        (Reason::NotOtlp, 150_000)
    );
}

#[test]
fn damaged_compression_is_refused() {
    for whole in [
        gzipped(&encoded(vec![span(1)])),
        zstdded(&encoded(vec![span(1)])),
    ] {
        let cut = whole[..whole.len() - 5].to_vec();
        assert_eq!(reason(cut), Reason::Damaged);
        let mut turned = whole.clone();
        let middle = whole.len() / 2;
        turned[middle] ^= 0x55;
        assert!(read(turned).is_err());
        let followed = [&whole[..], b"garbage"].concat();
        assert_eq!(reason(followed), Reason::Damaged);
    }
}

#[test]
fn a_request_that_ends_in_the_middle_is_refused_as_a_whole() {
    let whole = encoded(vec![span(1), span(2)]);
    for end in 1..whole.len() {
        assert_eq!(reason(whole.slice(..end)), Reason::NotOtlp, "{end}");
    }
}

#[test]
fn values_are_nested_as_deep_as_receivers_read_and_no_deeper() {
    let nested = |depth: usize, list: bool| {
        let mut value = any_value::Value::BoolValue(true);
        for _ in 0..depth {
            value = if list {
                let values = vec![attribute("k", value)];
                any_value::Value::KvlistValue(KeyValueList { values })
            } else {
                let values = vec![AnyValue { value: Some(value) }];
                any_value::Value::ArrayValue(ArrayValue { values })
            };
        }
        let mut span = span(1);
        span.attributes.push(attribute("deep", value));
        encoded(vec![span])
    };
    for list in [false, true] {
        for depth in 0..50 {
            let data = nested(depth, list);
            if read(data.clone()).is_ok() {
                assert!(ExportTraceServiceRequest::decode(data).is_ok(), "{depth}");
            } else {
                assert!(depth > 20, "{depth}");
            }
        }
    }
}

#[test]
fn a_field_of_another_type_is_left_out_and_told() {
    let good = encoded(vec![span(1)]);
    let read = read([&[0x08, 7][..], &good].concat()).unwrap();
    assert_eq!(read.refusal().unwrap().reason, Reason::Malformed);
    assert_eq!(read.into_iter().collect::<Vec<_>>(), [good]);
}

#[test]
fn lengths_that_lie_and_what_is_nothing_over_and_over_are_refused_or_nothing() {
    let lie = b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
    assert_eq!(reason(&lie[..]), Reason::NotOtlp);
    // A number of eleven bytes, one of too many bits, and a group, which is no longer in use.
    for other in [
        &[0x80; 11][..],
        &[
            0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 2,
        ],
        &[0x0b, 0x0c],
    ] {
        assert_eq!(reason(other), Reason::NotOtlp);
    }
    let mega = 1 << 20;
    assert!(read([0x0a, 0].repeat(mega)).unwrap().is_empty());
    assert_eq!(reason(vec![0; mega]), Reason::NotOtlp);
    assert_eq!(reason(vec![b'['; mega]), Reason::Json);
    // As deep as a megabyte allows: messages nested in resources, scopes, spans and below.
    let mut deep = vec![];
    for _ in 0..1000 {
        let mut outer = vec![0x0a];
        push_length(&mut outer, deep.len());
        outer.append(&mut deep);
        deep = outer;
    }
    assert!(read(deep).is_err());
    // Records in an aggregated record: empty ones, and malformed ones.
    let empty: Vec<&[u8]> = vec![b""; 100_000];
    assert!(read(aggregated(&empty)).unwrap().is_empty());
    let wrong: Vec<&[u8]> = vec![b"{"; 100_000];
    let refusal = read(aggregated(&wrong)).unwrap_err();
    assert_eq!((refusal.reason, refusal.records), (Reason::Json, 100_000));
}

#[test]
fn a_frame_that_asks_for_more_memory_than_the_limit_is_refused() {
    // A window of 2 GiB, for a frame that does not declare its content size.
    let mut frame = b"\x28\xb5\x2f\xfd\x00\xa8".to_vec();
    frame.extend([0x01, 0, 0]);
    assert_eq!(reason(frame), Reason::Damaged);
}

fn push_length(out: &mut Vec<u8>, length: usize) {
    prost::encoding::encode_varint(length as u64, out);
}

/// Whatever the input, a receiver accepts the whole output.
fn check(data: &Bytes) -> Result<(), TestCaseError> {
    let limits = Limits { max_bytes: 1 << 20 };
    let Ok(read) = payloads(data, &limits) else {
        return Ok(());
    };
    let mut spans = 0;
    for payload in read.iter() {
        let request = ExportTraceServiceRequest::decode(payload.clone());
        prop_assert!(request.is_ok(), "{:?} of {:?}", request, data);
        for resource in request.unwrap().resource_spans {
            for span in resource.scope_spans.iter().flat_map(|scope| &scope.spans) {
                prop_assert_eq!(span.trace_id.len(), 16);
                prop_assert_eq!(span.span_id.len(), 8);
                prop_assert!(matches!(span.parent_span_id.len(), 0 | 8));
                spans += 1;
            }
        }
        let again = payloads(payload, &limits).unwrap();
        prop_assert!(again.refusal().is_none());
    }
    prop_assert_eq!(read.facts().spans, spans);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_are_read_or_refused(data in proptest::collection::vec(any::<u8>(), 0..300)) {
        check(&data.into())?;
    }

    #[test]
    fn any_bytes_behind_any_beginning_are_read_or_refused(
        start in proptest::sample::select(vec![
            &b"\x1f\x8b\x08\0\0\0\0\0\0\0"[..], b"\x28\xb5\x2f\xfd", b"\x78\x9c", b"{",
            b"\xf3\x89\x9a\xc2", b"\x0a",
        ]),
        data in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        check(&[start, &data].concat().into())?;
        let mut message = data.clone();
        message.extend_from_slice(&Md5::digest(&data));
        check(&[b"\xf3\x89\x9a\xc2", &message[..]].concat().into())?;
    }

    /// Some bytes of a valid request are changed: every receiver accepts the rest.
    #[test]
    fn what_is_forwarded_of_a_damaged_request_is_sound(
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4),
        wrap in 0..5,
    ) {
        let mut request = request(vec![span(1), span(2)]);
        request.resource_spans.push(resource_spans(vec![span(3)]));
        let mut data = request.encode_to_vec();
        for (place, byte) in changes {
            let place = place.index(data.len());
            data[place] = byte;
        }
        let data = match wrap {
            0 => gzipped(&data),
            1 => zstdded(&data),
            3 => deflated(&data),
            2 => aggregated(&[&data, &data]),
            _ => data,
        };
        check(&data.into())?;
    }
}
