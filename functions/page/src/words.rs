//! Words from glyphs: which glyphs belong together, and where the word stands. Pure.
//!
//! Two passes. Glyphs are joined in the order in which the file draws them, as long as each begins where the last one ended. Then what
//! touches on one line is joined, whatever the order, and what is drawn twice at one place, to look bold, is taken once.

mod letters;

use crate::job::Word;
use crate::limits::{ALL_WORDS_BYTES, WORD_BYTES, WORDS};

/// A vector or a point, in the page's units, y downwards.
pub(crate) type Point = [f64; 2];

/// One glyph.
#[derive(Clone, Debug)]
pub(crate) struct Glyph {
    /// What it means.
    pub(crate) text: String,
    /// Where it stands on its baseline.
    pub(crate) origin: Point,
    /// From its origin to where the next one stands.
    pub(crate) advance: Point,
    /// From its baseline upwards, as long as its font is high.
    pub(crate) up: Point,
}

/// How far apart two glyphs of one word are at most, in heights of the font.
const GAP: f64 = 0.1;
/// How far from the baseline of the last one.
const OFF_LINE: f64 = 0.25;
/// How far letters reach above the baseline, in heights of the font.
const ASCENT: f64 = 0.78;
/// The same, below it.
const DESCENT: f64 = 0.22;

fn add(a: Point, b: Point, times: f64) -> Point {
    [b[0].mul_add(times, a[0]), b[1].mul_add(times, a[1])]
}

fn dot(a: Point, b: Point) -> f64 {
    a[0].mul_add(b[0], a[1] * b[1])
}

fn length(a: Point) -> f64 {
    a[0].hypot(a[1])
}

/// Glyphs that follow each other.
#[derive(Clone, Debug)]
struct Run {
    letters: Vec<String>,
    bytes: usize,
    start: Point,
    /// Where the last glyph begins and ends.
    last: Point,
    end: Point,
    direction: Point,
    size: f64,
    /// Left, top, right, bottom.
    bounds: [f64; 4],
}

impl Run {
    fn new(glyph: Glyph, direction: Point, size: f64) -> Self {
        let end = add(glyph.origin, glyph.advance, 1.0);
        let mut run = Self {
            letters: Vec::new(),
            bytes: 0,
            start: glyph.origin,
            last: glyph.origin,
            end,
            direction,
            size,
            bounds: [f64::MAX, f64::MAX, f64::MIN, f64::MIN],
        };
        run.push(glyph);
        run
    }

    fn push(&mut self, glyph: Glyph) {
        let end = add(glyph.origin, glyph.advance, 1.0);
        for corner in [glyph.origin, end] {
            for reach in [ASCENT, -DESCENT] {
                let [x, y] = add(corner, glyph.up, reach);
                let [left, top, right, bottom] = self.bounds;
                self.bounds = [left.min(x), top.min(y), right.max(x), bottom.max(y)];
            }
        }
        (self.last, self.end) = (glyph.origin, end);
        self.bytes += glyph.text.len();
        self.letters.push(glyph.text);
    }

    /// How far a point is from the end: along the line, and across.
    fn offset(&self, to: Point) -> (f64, f64) {
        let away = add(to, self.end, -1.0);
        let across = away[0].mul_add(-self.direction[1], away[1] * self.direction[0]);
        (dot(away, self.direction), across)
    }

    fn is_like(&self, direction: Point, size: f64) -> bool {
        dot(self.direction, direction) > 0.985 && size < self.size * 1.7 && self.size < size * 1.7
    }

    /// Whether something at `start` goes on with this word. It may begin before the last glyph ends, but not before that begins.
    fn is_followed(&self, start: Point, direction: Point, size: f64) -> bool {
        let (along, across) = self.offset(start);
        let unit = self.size.max(size);
        self.is_like(direction, size)
            && across.abs() < OFF_LINE * unit
            && along < GAP * unit
            && dot(add(start, self.last, -1.0), self.direction) > 0.05 * unit
            && self.bytes < WORD_BYTES
    }

    /// Whether this glyph is the last one once more.
    fn is_repeated(&self, glyph: &Glyph, size: f64) -> bool {
        self.letters.last() == Some(&glyph.text) && length(add(glyph.origin, self.last, -1.0)) < 0.1 * size
    }

    fn append(&mut self, other: Self) {
        let ([left, top, right, bottom], [l, t, r, b]) = (self.bounds, other.bounds);
        self.bounds = [left.min(l), top.min(t), right.max(r), bottom.max(b)];
        self.letters.extend(other.letters);
        self.bytes += other.bytes;
        (self.last, self.end) = (other.last, other.end);
    }
}

/// Collects glyphs in the order in which they are drawn.
#[derive(Default)]
pub(crate) struct Words {
    done: Vec<Run>,
    open: Option<Run>,
}

impl Words {
    /// Adds a glyph.
    pub(crate) fn push(&mut self, glyph: Glyph) {
        let size = length(glyph.up);
        let is_sound = glyph.origin.iter().chain(&glyph.advance).all(|part| part.is_finite());
        if !is_sound || !size.is_finite() || size <= 0.0 {
            return;
        }
        if glyph.text.chars().all(letters::is_space) {
            self.done.extend(self.open.take());
            return;
        }
        let direction = direction(&glyph, size);
        if let Some(open) = &mut self.open {
            if open.is_repeated(&glyph, size) {
                return;
            }
            if open.is_followed(glyph.origin, direction, size) {
                open.push(glyph);
                return;
            }
        }
        self.done.extend(self.open.take());
        self.open = Some(Run::new(glyph, direction, size));
    }

    /// The words on a page of this size, and whether there are more.
    pub(crate) fn finish(mut self, width: f64, height: f64) -> (Vec<Word>, bool) {
        self.done.extend(self.open.take());
        let (mut words, mut bytes) = (Vec::new(), 0);
        for word in join_lines(self.done).into_iter().filter_map(|run| word(&run, width, height)) {
            bytes += word.text.len();
            if words.len() == WORDS || bytes > ALL_WORDS_BYTES {
                return (words, true);
            }
            words.push(word);
        }
        (words, false)
    }
}

/// Where the line of a glyph leads; to the right of what is up if it has no width.
fn direction(glyph: &Glyph, size: f64) -> Point {
    let width = length(glyph.advance);
    if width > 1e-6 * size {
        [glyph.advance[0] / width, glyph.advance[1] / width]
    } else {
        [-glyph.up[1] / size, glyph.up[0] / size]
    }
}

/// Joins what touches on one line, and drops what is drawn again at the same place. The order stays that of the first glyphs.
fn join_lines(runs: Vec<Run>) -> Vec<Run> {
    // Where a run is: its direction in steps of about two degrees, the place of its line, the place on the line.
    let place = |run: &Run| {
        let turn = (run.direction[1].atan2(run.direction[0]) * 30.0).round();
        let across = run.start[0].mul_add(-run.direction[1], run.start[1] * run.direction[0]);
        (turn, across, dot(run.start, run.direction))
    };
    let mut sorted: Vec<((f64, f64, f64), usize)> =
        runs.iter().enumerate().map(|(index, run)| (place(run), index)).collect();
    sorted.sort_by(|(a, i), (b, j)| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)).then(i.cmp(j)));
    let mut runs: Vec<Option<Run>> = runs.into_iter().map(Some).collect();
    let is_next_line = |a: &((f64, f64, f64), usize), b: &((f64, f64, f64), usize)| {
        a.0.0.total_cmp(&b.0.0).is_eq() && b.0.1 - a.0.1 < 0.3
    };
    let mut lines = sorted;
    for line in lines.chunk_by_mut(is_next_line) {
        line.sort_by(|(a, i), (b, j)| a.2.total_cmp(&b.2).then(i.cmp(j)));
        let mut last: Option<usize> = None;
        for &mut (_, index) in line {
            let Some(run) = runs[index].take() else { continue };
            let before = last.and_then(|last| runs[last].as_mut().map(|run| (last, run)));
            match before {
                Some((_, before)) if is_same(before, &run) => {}
                Some((at, before)) if touches(before, &run) => {
                    before.append(run);
                    if at > index {
                        runs.swap(at, index);
                        last = Some(index);
                    }
                }
                _ => {
                    runs[index] = Some(run);
                    last = Some(index);
                }
            }
        }
    }
    runs.into_iter().flatten().collect()
}

fn is_same(a: &Run, b: &Run) -> bool {
    length(add(a.start, b.start, -1.0)) < 0.2 * a.size
        && length(add(a.end, b.end, -1.0)) < 0.2 * a.size
        && a.letters == b.letters
}

fn touches(a: &Run, b: &Run) -> bool {
    let (along, _) = a.offset(b.start);
    along > -0.15 * a.size && a.is_followed(b.start, b.direction, b.size)
}

/// A run as a word; `None` of what is off the page or has no letters.
fn word(run: &Run, width: f64, height: f64) -> Option<Word> {
    let text = letters::text(&run.letters);
    let [left, top, right, bottom] = run.bounds;
    let part = |at: f64, whole: f64| (at / whole).clamp(0.0, 1.0);
    let [left, right] = [left, right].map(|x| part(x, width));
    let [top, bottom] = [top, bottom].map(|y| part(y, height));
    let round = |part: f64| (part * 1e5).round() / 1e5;
    let place = [left, top, right - left, bottom - top].map(round);
    (!text.is_empty() && place[2] > 0.0 && place[3] > 0.0).then_some(Word { text, place })
}

#[cfg(test)]
mod tests;
