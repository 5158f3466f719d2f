use super::*;

/// Sets a text from `(x, y)`, each glyph half as wide as high; `gap` in heights between them.
fn set(words: &mut Words, text: &str, (x, y): (f64, f64), size: f64, gap: f64) -> f64 {
    let mut x = x;
    for letter in text.chars() {
        words.push(Glyph {
            text: letter.to_string(),
            origin: [x, y],
            advance: [size / 2.0, 0.0],
            up: [0.0, -size],
        });
        x += size * (0.5 + gap);
    }
    x
}

fn texts(words: Words) -> Vec<String> {
    words.finish(1000.0, 1000.0).0.into_iter().map(|word| word.text).collect()
}

#[test]
fn spaces_and_gaps_part_words_and_kerning_does_not() {
    let mut words = Words::default();
    set(&mut words, "Total due", (10.0, 10.0), 10.0, 0.0);
    set(&mut words, "1,249.90", (400.0, 10.0), 10.0, -0.1);
    set(&mut words, "abc", (10.0, 50.0), 10.0, 0.3);
    assert_eq!(texts(words), ["Total", "due", "1,249.90", "a", "b", "c"]);
}

#[test]
fn what_is_drawn_in_any_order_is_joined_on_its_line() {
    let mut words = Words::default();
    set(&mut words, "90", (130.0, 10.0), 10.0, 0.0);
    set(&mut words, "Date", (500.0, 10.0), 10.0, 0.0);
    set(&mut words, "1249.", (105.0, 10.1), 10.0, 0.0);
    assert_eq!(texts(words), ["1249.90", "Date"]);
}

#[test]
fn what_is_drawn_twice_to_look_bold_is_there_once() {
    let mut words = Words::default();
    set(&mut words, "SUM", (10.0, 10.0), 10.0, 0.0);
    set(&mut words, "SUM", (10.3, 10.0), 10.0, 0.0);
    for letter in ["1", "1", "2", "2"] {
        let x = if letter == "1" { 100.0 } else { 105.0 };
        words.push(Glyph { text: letter.into(), origin: [x, 10.0], advance: [5.0, 0.0], up: [0.0, -10.0] });
    }
    assert_eq!(texts(words), ["SUM", "12"]);
}

#[test]
fn lines_and_sizes_part_words() {
    let mut words = Words::default();
    let x = set(&mut words, "10", (10.0, 100.0), 20.0, 0.0);
    set(&mut words, "2", (x, 100.0), 8.0, 0.0);
    set(&mut words, "below", (x, 108.0), 20.0, 0.0);
    assert_eq!(texts(words), ["10", "2", "below"]);
}

#[test]
fn a_box_is_a_part_of_the_page_and_turns_with_the_text() {
    let mut words = Words::default();
    set(&mut words, "abcd", (100.0, 500.0), 10.0, 0.0);
    let upwards = Glyph { text: "x".into(), origin: [50.0, 50.0], advance: [0.0, -5.0], up: [-10.0, 0.0] };
    words.push(upwards);
    words.push(Glyph { text: "off".into(), origin: [-50.0, 50.0], advance: [5.0, 0.0], up: [0.0, -10.0] });
    let (words, more) = words.finish(1000.0, 1000.0);
    assert!(!more);
    assert_eq!(words.len(), 2);
    let places: Vec<String> = words.iter().map(|word| format!("{:?}", word.place)).collect();
    assert_eq!(places, ["[0.1, 0.4922, 0.02, 0.01]", "[0.0422, 0.045, 0.01, 0.005]"]);
}

#[test]
fn letters_are_those_that_a_reader_would_type() {
    let mut words = Words::default();
    set(&mut words, "\u{fb01}ne", (10.0, 10.0), 10.0, 0.0);
    set(&mut words, "םולש", (10.0, 50.0), 10.0, 0.0);
    assert_eq!(texts(words), ["fine", "שלום"]);
}

#[test]
fn hostile_glyphs_are_dropped_and_counted() {
    let mut words = Words::default();
    for (origin, up) in
        [([f64::NAN, 0.0], [0.0, -1.0]), ([0.0, 0.0], [0.0, 0.0]), ([0.0, f64::MAX], [0.0, f64::MAX])]
    {
        words.push(Glyph { text: "x".into(), origin, advance: [f64::INFINITY, 0.0], up });
    }
    for index in 0..u32::try_from(WORDS).unwrap() + 5 {
        let (column, line) = (f64::from(index % 200), f64::from(index / 200));
        set(&mut words, "w", (column * 5.0, 20.0 + line * 5.0), 2.0, 0.0);
    }
    let (words, more) = words.finish(1000.0, 1000.0);
    assert_eq!((words.len(), more), (WORDS, true));
}
