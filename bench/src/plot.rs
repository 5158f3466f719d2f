//! Charts with lines or bars, as SVG, with linear or logarithmic axes.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

const SIZE: (u32, u32) = (900, 460);
const FONT: &str = "sans-serif";
const COLORS: [RGBColor; 6] = [
    RGBColor(31, 119, 180),
    RGBColor(214, 39, 40),
    RGBColor(44, 160, 44),
    RGBColor(148, 103, 189),
    RGBColor(255, 127, 14),
    RGBColor(90, 90, 90),
];

/// An axis: its label and its scale.
#[derive(Clone, Copy)]
pub(crate) struct Axis {
    pub(crate) says: &'static str,
    pub(crate) logarithmic: bool,
}

impl Axis {
    fn place(self, value: f64) -> f64 {
        if self.logarithmic { value.log10() } else { value }
    }

    fn label(self, place: f64) -> String {
        let value = if self.logarithmic { 10_f64.powf(place) } else { place };
        match value {
            value if value >= 1e6 => format!("{}M", short(value / 1e6)),
            value if value >= 1e3 => format!("{}k", short(value / 1e3)),
            value => short(value),
        }
    }

    /// A range that contains all of `values` and ends at a label.
    fn range(self, values: impl Iterator<Item = f64>) -> std::ops::Range<f64> {
        let (low, high) = values
            .map(|value| self.place(value))
            .fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
        if self.logarithmic { low.floor()..high.ceil() } else { 0.0..high * 1.08 }
    }

    fn labels(self, range: &std::ops::Range<f64>) -> usize {
        if self.logarithmic { (range.end - range.start).round() as usize + 1 } else { 8 }
    }
}

fn short(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A line: its name and its points.
pub(crate) type Line = (String, Vec<(f64, f64)>);

/// Lines with their points, and a dashed line at each limit.
pub(crate) fn lines(title: &str, x: Axis, y: Axis, lines: &[Line], limits: &[(f64, &str)]) -> String {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        root.fill(&WHITE).unwrap();
        let points = || lines.iter().flat_map(|(_, points)| points);
        let across = x.range(points().map(|point| point.0));
        let up = y.range(points().map(|point| point.1).chain(limits.iter().map(|limit| limit.0)));
        let mut chart = ChartBuilder::on(&root)
            .caption(title, (FONT, 20))
            .margin(14)
            .margin_right(28)
            .x_label_area_size(46)
            .y_label_area_size(70)
            .build_cartesian_2d(across.clone(), up.clone())
            .unwrap();
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .x_labels(x.labels(&across))
            .y_labels(y.labels(&up))
            .x_label_formatter(&|place| x.label(*place))
            .y_label_formatter(&|place| y.label(*place))
            .x_desc(x.says)
            .y_desc(y.says)
            .label_style((FONT, 14))
            .axis_desc_style((FONT, 15))
            .draw()
            .unwrap();
        for &(limit, says) in limits {
            let (height, ends) = (y.place(limit), [across.start, across.end]);
            chart
                .draw_series(DashedLineSeries::new(
                    ends.map(|end| (end, height)),
                    6,
                    4,
                    BLACK.stroke_width(1),
                ))
                .unwrap();
            let style = (FONT, 13).into_font().color(&BLACK).pos(Pos::new(HPos::Left, VPos::Bottom));
            chart.draw_series([Text::new(says.to_owned(), (across.start, height), style)]).unwrap();
        }
        for ((name, points), color) in lines.iter().zip(COLORS.iter().cycle().copied()) {
            let places: Vec<_> = points.iter().map(|&(a, b)| (x.place(a), y.place(b))).collect();
            chart
                .draw_series(LineSeries::new(places.clone(), color.stroke_width(2)))
                .unwrap()
                .label(name.as_str())
                .legend(move |(a, b)| PathElement::new([(a, b), (a + 22, b)], color.stroke_width(3)));
            chart.draw_series(places.into_iter().map(|place| Circle::new(place, 3, color.filled()))).unwrap();
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerRight)
            .background_style(WHITE.mix(0.85))
            .border_style(BLACK.mix(0.2))
            .label_font((FONT, 14))
            .draw()
            .unwrap();
        root.present().unwrap();
    }
    svg
}

/// A bar for each name, lying, with its value behind it; logarithmic from `from` on.
pub(crate) fn bars(title: &str, x: &str, from: f64, bars: &[(String, f64)]) -> String {
    let mut svg = String::new();
    {
        let height = 110 + 38 * bars.len() as u32;
        let root = SVGBackend::with_string(&mut svg, (SIZE.0, height)).into_drawing_area();
        root.fill(&WHITE).unwrap();
        let axis = Axis { says: "", logarithmic: true };
        let high = bars.iter().map(|bar| axis.place(bar.1)).fold(f64::MIN, f64::max);
        let (low, count) = (axis.place(from), bars.len() as f64);
        let mut chart = ChartBuilder::on(&root)
            .caption(title, (FONT, 20))
            .margin(14)
            .margin_right(70)
            .x_label_area_size(44)
            .y_label_area_size(250)
            .build_cartesian_2d(low..high, 0.0..count)
            .unwrap();
        chart
            .configure_mesh()
            .disable_y_mesh()
            .light_line_style(TRANSPARENT)
            .x_label_formatter(&|place| axis.label(*place))
            .x_labels((high - low).ceil() as usize + 1)
            .y_labels(0)
            .x_desc(x)
            .label_style((FONT, 14))
            .axis_desc_style((FONT, 15))
            .draw()
            .unwrap();
        for (place, (name, value)) in bars.iter().enumerate() {
            let middle = count - place as f64 - 0.5;
            let corners = [(low, middle - 0.32), (axis.place(*value), middle + 0.32)];
            let color = COLORS[usize::from(!name.starts_with("claim"))];
            chart.draw_series([Rectangle::new(corners, color.filled())]).unwrap();
            let style =
                |horizontal| (FONT, 14).into_font().color(&BLACK).pos(Pos::new(horizontal, VPos::Center));
            let end = (axis.place(*value), middle);
            let said = EmptyElement::at(end) + Text::new(short(*value), (6, 0), style(HPos::Left));
            chart.plotting_area().draw(&said).unwrap();
            let named =
                EmptyElement::at((low, middle)) + Text::new(name.clone(), (-8, 0), style(HPos::Right));
            chart.plotting_area().draw(&named).unwrap();
        }
        root.present().unwrap();
    }
    svg
}
