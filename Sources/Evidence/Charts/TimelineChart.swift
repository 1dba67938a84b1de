import AuditModel

/// Spans of time on one line per row, coloured and textured by how their items ended.
struct TimelineChart {
    /// One item's stretch of time.
    struct Span: Sendable {
        let row: String
        let from: Timestamp
        /// Nil where it has not ended.
        let until: Timestamp?
        let status: TestItem.Status
        let label: String
    }

    /// Most spans that are drawn; those that did not pass come first.
    static let drawnSpans = 1_200

    private let frame: ChartFrame
    private let period: Period
    private let spans: [Span]
    private let rows: [String]
    private let leftOut: Int
    private let labelWidth = 190.0
    private let width = 960.0
    private let top = 30.0
    private let rowHeight = 22.0

    init(_ frame: ChartFrame, _ spans: [Span], period: Period) {
        self.frame = frame
        self.period = period
        let ordered = spans.sorted {
            ($0.status == .passed ? 1 : 0, $0.from, $0.row, $0.label) < ($1.status == .passed ? 1 : 0, $1.from, $1.row, $1.label)
        }
        var rows: [String] = []
        var seen: Set<String> = []
        for span in ordered where rows.count < ChartFrame.drawnRows && seen.insert(span.row).inserted { rows.append(span.row) }
        self.rows = rows.sorted()
        let drawn = Set(rows)
        self.spans = Array(ordered.lazy.filter { drawn.contains($0.row) }.prefix(Self.drawnSpans))
        leftOut = spans.count - self.spans.count
    }

    var chart: Chart {
        let bottom = top + rowHeight * Double(max(1, rows.count))
        var svg = frame.builder(width: width, height: bottom + (leftOut > 0 ? 26 : 8))
        for tick in ticks {
            svg.line(x(tick.time), top - 4, x(tick.time), bottom, ink: .line, width: 0.8)
            svg.label(tick.text, x(tick.time) + 3, top - 10, ink: .muted, size: 10)
        }
        let places = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1, $0) })
        for (number, row) in rows.enumerated() {
            let y = top + Double(number) * rowHeight
            svg.label(HeatMap.shortened(row, 28), labelWidth - 8, y + rowHeight / 2 + 4, anchor: .end)
            svg.line(labelWidth, y + rowHeight, width - 10, y + rowHeight, ink: .line, width: 0.5)
        }
        // What passed lies below what did not.
        for span in spans.reversed() { draw(&svg, span, y: top + Double(places[span.row] ?? 0) * rowHeight) }
        if rows.isEmpty { svg.label("Nothing to draw.", labelWidth, top + 16, ink: .muted) }
        if leftOut > 0 {
            svg.label("\(ValueText.grouped(Int64(leftOut))) more are not drawn; all are in the CSV.", labelWidth, bottom + 18, ink: .muted, size: 10)
        }
        let table =
            [["", "from (UTC)", "to (UTC)", "length", "result"]]
            + spans.sorted { ($0.from, $0.row, $0.label) < ($1.from, $1.row, $1.label) }.map { span in
                [
                    span.label.isEmpty ? span.row : "\(span.row): \(span.label)", CalendarText.moment(span.from),
                    span.until.map(CalendarText.moment) ?? "open", span.until.map { DurationText.show(Self.length(span.from, $0)) } ?? "–",
                    Self.word(span.status),
                ]
            }
        return frame.chart(svg, legend: Axis.legend, table: table)
    }

    private func draw(_ svg: inout SVGBuilder, _ span: Span, y: Double) {
        let start = x(span.from), end = max(start + 3, x(span.until ?? period.end))
        let ink: SVGBuilder.Ink =
            switch span.status {
            case .passed: .pass
            case .undecided: .undecided
            case .exception: .exception
            }
        let until = span.until.map(CalendarText.moment) ?? "open"
        let hint = "\(span.row) \(span.label): \(CalendarText.moment(span.from)) to \(until), \(Self.word(span.status))"
        svg.area(start, y + 5, min(end, width - 7) - start, rowHeight - 10, fill: ink, radius: 2, hint: hint)
        // An open end runs on as a dashed line.
        if span.until == nil { svg.line(width - 10, y + 3, width - 10, y + rowHeight - 3, ink: .ink, width: 1.4, isDashed: true) }
    }

    private func x(_ time: Timestamp) -> Double {
        let whole = Double(period.end.microseconds) - Double(period.start.microseconds)
        let part = (Double(time.microseconds) - Double(period.start.microseconds)) / max(1, whole)
        return labelWidth + (width - 10 - labelWidth) * max(0, min(1, part))
    }

    /// Months, weeks or days, as many as have room.
    private var ticks: [(time: Timestamp, text: String)] {
        let days = period.days
        let every = days.count <= 14 ? 1 : days.count <= 62 ? 7 : 0
        var ticks: [(time: Timestamp, text: String)] = []
        var month = ""
        for (number, day) in days.enumerated() where day >= period.start {
            let text = CalendarText.day(day)
            if every > 0 {
                if number % every == 0 { ticks.append((day, String(text.dropFirst(5)))) }
            } else if CalendarText.month(day) != month {
                month = CalendarText.month(day)
                ticks.append((day, month))
            }
        }
        let step = max(1, (ticks.count + 12) / 13)
        return ticks.enumerated().filter { $0.offset % step == 0 }.map(\.element)
    }

    private static func length(_ from: Timestamp, _ until: Timestamp) -> Int64 {
        let (length, overflow) = until.microseconds.subtractingReportingOverflow(from.microseconds)
        return overflow ? .max : length
    }

    static func word(_ status: TestItem.Status) -> String {
        switch status {
        case .passed: "passed"
        case .exception: "exception"
        case .undecided: "not decided"
        }
    }
}
