/// Keys and tokens that their vendors gave a prefix, so that leaks can be found.
enum VendorTokenDetector {
    /// A prefix up to and including the byte that triggers, and how the rest looks.
    private struct Pattern {
        let prefix: [UInt8]
        let minimumTail: Int
        /// Characters of the tail beside letters and digits.
        let extra: [UInt8]
        let kind: ScrubKind

        init(_ prefix: String, _ minimumTail: Int, _ extra: String = "", kind: ScrubKind = .vendorToken) {
            self.prefix = Array(prefix.utf8)
            self.minimumTail = minimumTail
            self.extra = Array(extra.utf8)
            self.kind = kind
        }
    }

    private static let patterns: [Pattern] = [
        // GitHub, GitLab
        Pattern("ghp_", 20), Pattern("gho_", 20), Pattern("ghu_", 20), Pattern("ghs_", 20, "._-"), Pattern("ghr_", 20),
        Pattern("github_pat_", 20, "_"),
        Pattern("glpat-", 16, "_-."), Pattern("gldt-", 16, "_-"), Pattern("glrt-", 16, "_-."), Pattern("glcbt-", 16, "_-"),
        Pattern("glptt-", 16, "_-"), Pattern("glft-", 16, "_-"), Pattern("glsoat-", 16, "_-"), Pattern("glimt-", 16, "_-"),
        Pattern("glagent-", 16, "_-"), Pattern("gloas-", 16, "_-"),
        // Slack
        Pattern("xoxa-", 10, "-"), Pattern("xoxb-", 10, "-"), Pattern("xoxe-", 10, "-"), Pattern("xoxe.", 10, "-."),
        Pattern("xoxo-", 10, "-"),
        Pattern("xoxp-", 10, "-"), Pattern("xoxr-", 10, "-"), Pattern("xoxs-", 10, "-"), Pattern("xoxc-", 10, "-"),
        Pattern("xoxd-", 10, "-%_"),
        Pattern("xapp-", 10, "-"),
        // Google
        Pattern("ya29.", 20, "_-"), Pattern("GOCSPX-", 20, "_-"),
        // Payments
        Pattern("sk_live_", 10), Pattern("sk_test_", 10), Pattern("rk_live_", 10), Pattern("rk_test_", 10), Pattern("whsec_", 16, "+/="),
        Pattern("sq0atp-", 16, "_-"), Pattern("sq0csp-", 16, "_-"), Pattern("shpat_", 16), Pattern("shpss_", 16), Pattern("shpca_", 16),
        Pattern("shppa_", 16),
        // Packages and builds
        Pattern("npm_", 30), Pattern("pypi-", 40, "_-"), Pattern("rubygems_", 30), Pattern("dckr_pat_", 20, "_-"),
        Pattern("dckr_oat_", 20, "_-"),
        Pattern("NuGet_", 30),
        // Clouds and infrastructure
        Pattern("dop_v1_", 30), Pattern("doo_v1_", 30), Pattern("dor_v1_", 30), Pattern("hvs.", 20, "_-"), Pattern("hvb.", 20, "_-"),
        Pattern("hvr.", 20, "_-"), Pattern("HRKU-", 30, "_-"), Pattern("pscale_tkn_", 20, "_-."), Pattern("pscale_pw_", 20, "_-."),
        Pattern("pscale_oauth_", 20, "_-."), Pattern("sbp_", 30), Pattern("dp.pt.", 30), Pattern("dp.st.", 30, "."),
        Pattern(".atlasv1.", 40, "_-"),
        Pattern("fo1_", 30, "_-"), Pattern("tskey-", 16, "-"), Pattern("vcp_", 24), Pattern("CFPAT-", 30, "_-"),
        // Observability and work
        Pattern("glsa_", 24, "_"), Pattern("glc_", 24, "_=+/"), Pattern("NRAK-", 20), Pattern("NRJS-", 16), Pattern("sntrys_", 24, "_=+/"),
        Pattern("sntryu_", 24), Pattern("lin_api_", 24), Pattern("ntn_", 24), Pattern("PMAK-", 24, "-"), Pattern("figd_", 24, "_-"),
        Pattern("xkeysib-", 24, "-"), Pattern("SG.", 30, "._-"), Pattern("hf_", 30),
        // Models
        Pattern("sk-ant-", 20, "_-"), Pattern("sk-proj-", 20, "_-"), Pattern("sk-", 32, "_-"), Pattern("r8_", 30), Pattern("gsk_", 30),
        // Other keys
        Pattern("AGE-SECRET-KEY-", 30),
    ]

    /// The byte pairs before the trigger: nearly every `_`, `-` and `.` fails this look-up.
    private static let endings = BytePairFilter(patterns.map { ($0.prefix[$0.prefix.count - 3], $0.prefix[$0.prefix.count - 2]) })

    /// The same for the pair before that; a prefix of three bytes has any byte there.
    private static let earlier = BytePairFilter(
        patterns.flatMap { pattern -> [(UInt8, UInt8)] in
            let count = pattern.prefix.count
            let last = pattern.prefix[count - 3]
            return count > 3 ? [(pattern.prefix[count - 4], last)] : (0..<64).map { ($0, last) }
        })

    /// A token whose prefix ends at this `_`, `-` or `.`.
    static func find(_ text: ScrubText, at trigger: Int, floor: Int) -> ScrubFinding? {
        guard trigger >= 2 else { return nil }
        guard endings.mayHold(text[trigger - 2], text[trigger - 1]), earlier.mayHold(text[trigger - 3], text[trigger - 2]) else {
            return nil
        }
        var best: ScrubFinding?
        for pattern in patterns where pattern.prefix[pattern.prefix.count - 2] == text[trigger - 1] {
            let start = trigger + 1 - pattern.prefix.count
            guard start >= floor, text[trigger] == pattern.prefix[pattern.prefix.count - 1] else { continue }
            guard pattern.prefix.indices.allSatisfy({ text[start + $0] == pattern.prefix[$0] }), isStart(text, start) else { continue }
            let end = tailEnd(text, from: trigger + 1, extra: pattern.extra, limit: longestCheckedTail)
            guard end - trigger - 1 >= pattern.minimumTail, isRandomLooking(text, trigger + 1, end) else { continue }
            let whole = end - trigger < longestCheckedTail ? end : tailEnd(text, from: end, extra: pattern.extra, limit: .max)
            if best == nil || start < best!.start || whole > best!.end { best = ScrubFinding(pattern.kind, start, whole) }
        }
        return best
    }

    /// Not in the middle of a word, but after an escape.
    private static func isStart(_ text: ScrubText, _ start: Int) -> Bool {
        let before = text[start - 1]
        if text[start - 2] == 0x5c, [0x6e, 0x74, 0x72].contains(before) { return true }
        return !Byte.isAlnum(before)
    }

    /// A tail is judged by so many bytes; a judged one is taken whole. This bounds what a repeated prefix costs.
    private static let longestCheckedTail = 256

    private static func tailEnd(_ text: ScrubText, from start: Int, extra: [UInt8], limit: Int) -> Int {
        var end = start
        while end - start < limit, Byte.isAlnum(text[end]) || (text[end] != 0 && extra.contains(text[end])) { end += 1 }
        // A full stop or dash that ends the sentence is not the token's.
        while end > start, text[end - 1] == 0x2e || text[end - 1] == 0x2d { end -= 1 }
        return end
    }

    /// A tail of letters and separators alone is a name, such as `sk-learn-pipeline-runner-with-a-long-name`.
    private static func isRandomLooking(_ text: ScrubText, _ start: Int, _ end: Int) -> Bool {
        var digits = 0
        var upper = 0
        for index in start..<end {
            if Byte.isDigit(text[index]) { digits += 1 }
            if Byte.isUpper(text[index]) { upper += 1 }
        }
        return digits > 0 || (upper > 2 && upper < end - start)
    }

    // MARK: Prefixes that begin with A

    /// `AKIA…` and `ASIA…` of AWS, `AIza…` of Google, `ATATT3…` of Atlassian.
    static func findUpperA(_ text: ScrubText, at start: Int, floor: Int) -> ScrubFinding? {
        let second = text[start + 1]
        guard second == 0x4b || second == 0x53 || second == 0x42 || second == 0x49 || second == 0x54 || second == 0x43, isStart(text, start)
        else {
            return nil
        }
        var end = start
        if text.has("AKIA", at: start) || text.has("ASIA", at: start) || text.has("ABIA", at: start) || text.has("ACCA", at: start) {
            while Byte.isUpper(text[end]) || Byte.isDigit(text[end]) { end += 1 }
            guard (16...32).contains(end - start), !Byte.isLetter(text[end]) else { return nil }
            return ScrubFinding(.awsKey, start, end)
        }
        let isGoogle = text.has("AIza", at: start)
        guard isGoogle || text.has("ATATT3", at: start) || text.has("ATCTT3", at: start) || text.has("ATBB", at: start) else { return nil }
        while Byte.isBase64URL(text[end]) || text[end] == 0x3d { end += 1 }
        return end - start >= 28 ? ScrubFinding(.vendorToken, start, end) : nil
    }
}
