//! PDF: one page as a picture, and its words.

use super::encode::encode;
use super::fields::undrawn;
use super::glyphs::Collector;
use super::pixels;
use crate::job::{Job, Page, Picture, Rendered, Unavailable, Warning};
use crate::limits::PAGES;
use hayro::hayro_interpret::font::FontQuery;
use hayro::hayro_interpret::{
    Context, InterpreterCache, InterpreterSettings, InterpreterWarning, TransformExt, interpret_page,
};
use hayro::hayro_syntax::page::Page as PdfPage;
use hayro::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use hayro::kurbo::{Affine, Rect};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::vello_cpu::{Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit};
use hayro::{RenderCache, RenderSettings, render_into};
use image::RgbImage;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// Renders a page.
pub(super) fn render(document: Vec<u8>, job: &Job) -> Result<Rendered, Unavailable> {
    let pdf = Pdf::new(document).map_err(|error| match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => Unavailable::PasswordProtected,
        _ => Unavailable::Unreadable,
    })?;
    let pages = u32::try_from(pdf.pages().len()).unwrap_or(u32::MAX);
    if pages == 0 {
        return Err(Unavailable::Unreadable);
    }
    let number = job.page.checked_sub(1).filter(|_| job.page <= PAGES).ok_or(Unavailable::NoSuchPage)?;
    let page = pdf.pages().get(number as usize).ok_or(Unavailable::NoSuchPage)?;
    let faults = Faults::default();
    let (values, some_left_out) = undrawn(page);
    if some_left_out {
        faults.add(Warning::FormValuesNotDrawn);
    }
    let values = values.and_then(|values| Pdf::new(values).ok());
    let pages_of_values = values.as_ref().map(|values| values.pages());
    let values = pages_of_values.and_then(|pages| pages.first());
    let picture = job.picture.map(|picture| draw(page, values, picture, &faults)).transpose()?;
    let mut answer = words(page, values, &faults)?;
    answer.warnings.extend(faults.all());
    answer.warnings.sort_unstable();
    let page = Page { page: job.page, pages, ..answer };
    Ok(Rendered { page, picture })
}

/// What the interpreter could not do.
#[derive(Clone, Default)]
struct Faults(Arc<Mutex<BTreeSet<Warning>>>);

impl Faults {
    fn add(&self, warning: Warning) {
        if let Ok(mut warnings) = self.0.lock() {
            warnings.insert(warning);
        }
    }

    fn all(&self) -> BTreeSet<Warning> {
        self.0.lock().map(|warnings| warnings.clone()).unwrap_or_default()
    }

    /// The interpreter's settings, with fonts of our own for those that are not in the file: they have the letters of Western
    /// European languages only.
    fn settings(&self) -> InterpreterSettings {
        let (fonts, sink) = (self.clone(), self.clone());
        InterpreterSettings {
            font_resolver: Arc::new(move |query| match query {
                FontQuery::Standard(font) => Some(font.get_font_data()),
                FontQuery::Fallback(query) => {
                    if query.character_collection.is_some() {
                        fonts.add(Warning::FontsMissing);
                    }
                    Some(query.pick_standard_font().get_font_data())
                }
            }),
            warning_sink: Arc::new(move |warning| {
                sink.add(match warning {
                    InterpreterWarning::UnsupportedFont => Warning::FontsMissing,
                    InterpreterWarning::ImageDecodeFailure => Warning::ImagesNotDrawn,
                    _ => Warning::AnnotationsNotDrawn,
                });
            }),
            ..InterpreterSettings::default()
        }
    }
}

/// The page on white paper, with the values of its fields over it.
fn draw<'a, 'v>(
    page: &'a PdfPage<'a>,
    values: Option<&'v PdfPage<'v>>,
    picture: Picture,
    faults: &Faults,
) -> Result<Vec<u8>, Unavailable> {
    let (width, height) = page.render_dimensions();
    let (width, height) = (f64::from(width), f64::from(height));
    let (w, h) = pixels(width, height, picture.width)?;
    let scale = Affine::scale_non_uniform(f64::from(w) / width, f64::from(h) / height);
    let transform = scale * page.initial_transform(true).to_kurbo();
    let mut context = RenderContext::new(w, h);
    let cache = RenderCache::new();
    render_into(page, &cache, &faults.settings(), &RenderSettings::default(), &mut context, transform);
    if let Some(values) = values {
        let (cache, settings) = (RenderCache::new(), RenderSettings::default());
        render_into(values, &cache, &faults.settings(), &settings, &mut context, transform);
    }
    context.flush();
    let mut pixmap = Pixmap::new(w, h);
    let paper = RasterizerSettings { target_init: TargetInit::Clear(WHITE), ..RasterizerSettings::default() };
    context.render_with(&mut pixmap, &mut Resources::default(), paper);
    // On white paper, nothing is transparent.
    let rgb = pixmap.data_as_u8_slice().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]);
    let rgb = RgbImage::from_raw(u32::from(w), u32::from(h), rgb.collect()).ok_or(Unavailable::Unreadable)?;
    encode(&rgb, picture.format)
}

/// The page's size and words, and those of the values of its fields.
fn words<'a, 'v>(
    page: &'a PdfPage<'a>,
    values: Option<&'v PdfPage<'v>>,
    faults: &Faults,
) -> Result<Page, Unavailable> {
    let (width, height) = page.render_dimensions();
    if !(width.is_finite() && height.is_finite() && width > 0.0 && height > 0.0) {
        return Err(Unavailable::Unreadable);
    }
    let (w, h) = (f64::from(width), f64::from(height));
    let bounds = Rect::new(0.0, 0.0, w, h);
    let transform = page.initial_transform(true).to_kurbo();
    let mut collector = Collector::default();
    collect(page, transform, bounds, faults, &mut collector);
    if let Some(values) = values {
        collect(values, transform, bounds, faults, &mut collector);
    }
    let (words, some_unseen) = collector.into_words();
    let (words, some_left_out) = words.finish(w, h);
    let warnings = if some_unseen || some_left_out { vec![Warning::WordsLeftOut] } else { Vec::new() };
    Ok(Page { width, height, has_text: !words.is_empty(), warnings, words, ..Page::default() })
}

fn collect<'a>(
    page: &'a PdfPage<'a>,
    transform: Affine,
    bounds: Rect,
    faults: &Faults,
    collector: &mut Collector,
) {
    let cache = InterpreterCache::new();
    let mut context = Context::new(transform, bounds, &cache, page.xref(), faults.settings());
    interpret_page(page, &mut context, collector);
}
