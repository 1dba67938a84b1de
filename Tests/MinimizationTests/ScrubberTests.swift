import Testing

@testable import Minimization

/// Both directions: what must go, and what must survive.
struct ScrubberTests {
    private func scrub(_ text: String) -> String {
        var out: [UInt8] = []
        let bytes = Array(text.utf8)
        var kept = 0
        for finding in Scrubber().findings(in: text) {
            out += bytes[kept..<finding.start]
            out += Array(finding.kind.label.utf8)
            kept = finding.end
        }
        return String(decoding: out + bytes[kept...], as: UTF8.self)
    }

    @Test(arguments: [
        ("mail alice@example.com now", "mail [email] now"),
        ("<Alice.B+tag@Mail.Example.CO.UK>,", "<[email]>,"),
        ("user=alice@example.com&x=1", "user=[email]&x=1"),
        ("arn:aws:sts::123456789012:assumed-role/admin/alice@example.com", "arn:aws:sts::123456789012:assumed-role/admin/[email]"),
        ("{\"email\":\"alice@example.com\"}", "{\"email\":\"[email]\"}"),
        ("VALUES ('o''x', E'alice@example.com')", "VALUES ('o''x', E'[email]')"),
        ("o'brien@example.ie called", "[email] called"),
        ("q=alice%40example.com", "q=[email]"),
        ("q=%22alice%40example.com%22", "q=%22[email]%22"),
        ("q=alice%2Btag%40example.com", "q=[email]"),
        ("x\\nalice@example.com\\n", "x\\n[email]\\n"),
        ("\\u003calice\\u0040example.com\\u003e", "\\u003c[email]\\u003e"),
        ("alice&#64;example.com", "[email]"),
        ("alice＠example．com", "[email]"),
        ("ａｌｉｃｅ＠ｅｘａｍｐｌｅ．ｃｏｍ", "[email]"),
        ("联系alice@example.com谢谢", "联系[email]谢谢"),
        ("“jörg@exämple.de”", "“[email]”"),
        ("#012alice@example.com#012", "#012[email]#012"),
        ("alice [at] example [dot] com", "[email]"),
        ("alice(at)example.com", "[email]"),
        ("Write to alice@example.com.", "Write to [email]."),
        ("mailto:alice@example.com,bob@example.org;", "mailto:[email],[email];"),
        ("\"john doe\"@example.com", "[email]"),
        ("a@163.com", "[email]"),
    ])
    func `an e-mail address goes, however it is written`(text: String, expected: String) {
        #expect(scrub(text) == expected)
    }

    @Test(arguments: [
        ("from 203.0.113.7 port 22", "from [ip] port 22"), ("203.0.113.7:443,", "[ip]:443,"), ("(203.0.113.7)", "([ip])"),
        ("host/10.2.3.4", "host/[ip]"), ("10.1.2.3.", "[ip]."), ("\\n10.1.2.3\\n", "\\n[ip]\\n"), ("x=10.1.2.3/32", "x=[ip]/32"),
        ("ip-10-0-12-34.ec2.internal", "ip-[ip].ec2.internal"), ("10.0.0.1-10.0.0.9", "[ip]-[ip]"),
        ("203.0.113.7.static.isp.net", "[ip].static.isp.net"),
        ("src=2001:db8::1 dst", "src=[ip] dst"), ("[2001:DB8:0:0:8:800:200C:417A]:443", "[[ip]]:443"),
        ("peer ::ffff:203.0.113.9 x", "peer [ip] x"),
        ("src:2001:db8::1", "src:[ip]"), ("fe80::1%eth0", "[ip]%eth0"), ("from fe80::a00:27ff:fe4e:66a1.", "from [ip]."),
        ("mac 00:1A:2b:3c:4d:5e up", "mac [mac] up"), ("ip=10.1.2.3%20ok", "ip=[ip]%20ok"), ("a%2010.1.2.3", "a%20[ip]"),
        ("h:443:203.0.113.7", "h:443:[ip]"), ("10:11:12 203.0.113.7", "10:11:12 [ip]"), ("#012198.51.100.2#012", "#012[ip]#012"),
        ("x\\012198.51.100.2", "x\\012[ip]"),
    ])
    func `an address goes`(text: String, expected: String) {
        #expect(scrub(text) == expected)
    }

    @Test(arguments: [
        ("card 4111111111111111.", "card [card]."), ("a1:4111111111111111", "a1:[card]"), ("4111 1111 1111 1111", "[card]"),
        ("4111-1111-1111-1111 exp", "[card] exp"),
        ("378282246310005", "[card]"), ("3782 822463 10005", "[card]"), ("5555555555554444", "[card]"), ("30569309025904", "[card]"),
        ("4222222222222", "[card]"), ("6011000990139424", "[card]"), ("PAN=4111 1111 1111 1111 2028", "PAN=[card] 2028"),
        ("card_4111111111111111_x", "card_[card]_x"), ("card4111111111111111", "card[card]"), ("'4111111111111111'", "'[card]'"),
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "[card]"),
        ("4\u{a0}" + Array(repeating: "1", count: 15).joined(separator: "\u{a0}"), "[card]"), ("6759649826438453", "[card]"),
        ("DE89370400440532013000", "[iban]"), ("iban: de89 3704 0044 0532 0130 00!", "iban: [iban]!"),
        ("GB82 WEST 1234 5698 7654 32", "[iban]"),
        ("NL91-ABNA-0417-1643-00", "[iban]"), ("FR1420041010050500013M02606 ok", "[iban] ok"),
        ("SSN 123-45-6789", "SSN [ssn]"), ("(123-45-6789)", "([ssn])"), ("ssn is 123 45 6789", "ssn is [ssn]"),
        ("ssn=123456789", "ssn=[ssn]"),
        ("call +1 (415) 555-2671 now", "call [phone] now"), ("+491701234567", "[phone]"), ("tel:+44 20 7946 0958", "tel:[phone]"),
        ("(555) 123-4567", "[phone]"), ("555-123-4567", "[phone]"), ("1-800-555-0199", "[phone]"), ("415.555.2671", "[phone]"),
        ("phone: 030 1234567", "phone: [phone]"), ("mobile 07700 900123", "mobile [phone]"), ("%2B491701234567", "[phone]"),
        ("\"phone\":\"4155552671\"", "\"phone\":\"[phone]\""),
    ])
    func `a card, an account, a number of a person goes`(text: String, expected: String) {
        #expect(scrub(text) == expected)
    }

    @Test(arguments: [
        ("t eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl x", "t [jwt] x"), ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIi", "[jwt]"),
        ("AKIAIOSFODNN7EXAMPLE", "[aws-key]"), ("(ASIAIOSFODNN7EXAMPLE)", "([aws-key])"),
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "aws_secret_access_key = [aws-key]"),
        ("\"secretAccessKey\":\"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\"", "\"secretAccessKey\":\"[aws-key]\""),
        ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "[api-token]"), ("github_pat_11ABCDEFG0abcdefghij_KLMNOPQRSTUVWXYZ", "[api-token]"),
        ("glpat-ABCdef123456ghijkl_-x", "[api-token]"), ("xoxb-123456789012-abcdefGHIJ", "[api-token]"),
        ("AIzaSyA1234567890abcdefghijklmnopqrstuv", "[api-token]"),
        ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", "[api-token]"), ("npm_abcdefghijklmnopqrstuvwxyz0123456789", "[api-token]"),
        ("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", "[api-token]"),
        ("hvs.CAESIJ1234567890abcdefghij", "[api-token]"), ("sk-ant-api03-abcdefghij0123456789", "[api-token]"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow==\n-----END RSA PRIVATE KEY-----\nrest", "[private-key]\nrest"),
        ("k=\"-----BEGIN PRIVATE KEY-----\\nMIIE+/ab\\n-----END PRIVATE KEY-----\\n\"", "k=\"[private-key]\\n\""),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA", "[private-key]"),
        ("-----BEGIN PRIVATE KEY-----#012MIIE#012-----END PRIVATE KEY-----#012x", "[private-key]#012x"),
        ("b3BlbnNzaC1rZXkt\n-----END OPENSSH PRIVATE KEY----- x", "[private-key] x"),
        ("MIIEpAIBAAKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gun", "[private-key]"),
        ("postgres://app:s3cr3t@db/x", "postgres://[credentials]@db/x"), ("https://u:p%40ss@h:1/", "https://[credentials]@h:1/"),
        ("redis://:hunter2@cache:6379", "redis://[credentials]@cache:6379"), ("amqp://u:pa/ss@host/v", "amqp://[credentials]@host/v"),
        ("https://ghp_x@github.com/a", "https://[credentials]@github.com/a"),
        ("password=hunter2 ok", "password=[secret] ok"), ("DB_PASSWORD: 'hunter 2'", "DB_PASSWORD: '[secret]'"),
        ("{\\\"password\\\":\\\"hunter2\\\",\\\"a\\\":1}", "{\\\"password\\\":\\\"[secret]\\\",\\\"a\\\":1}"),
        ("\"password\" => \"hunter2\"", "\"password\" => \"[secret]\""), ("&access_token=abc.def-123&x", "&access_token=[secret]&x"),
        ("Authorization: Bearer abc123def456", "Authorization: Bearer [secret]"),
        ("-H 'Authorization: Basic dXNlcjpwYXNz' x", "-H 'Authorization: Basic [secret]' x"),
        ("using Bearer abcDEF123456", "using Bearer [secret]"), ("Cookie: sid=abc; theme=dark", "Cookie: [secret]"),
        ("X-Api-Key: k3y", "X-Api-Key: [secret]"), ("ALTER ROLE bob PASSWORD 'hunter2'", "ALTER ROLE bob PASSWORD '[secret]'"),
        ("IDENTIFIED BY 'pw1'", "IDENTIFIED BY '[secret]'"), ("login --password hunter2 --host h", "login --password [secret] --host h"),
        ("curl -u bob:hunter2 http://h", "curl -u bob:[secret] http://h"), ("mysql -uroot -phunter2 db", "mysql -uroot -p[secret] db"),
        ("hash $2b$12$abcdefghijklmnopqrstuv", "hash [secret]"), ("PGPASSWORD=x1y2 psql", "PGPASSWORD=[secret] psql"),
        ("password%3Dhunter2%26a", "password%3D[secret]%26a"), ("token: 0123456789abcdef0123456789abcdef", "token: [secret]"),
        ("AccountKey=abc==;EndpointSuffix=x", "AccountKey=[secret];EndpointSuffix=x"),
    ])
    func `a secret goes`(text: String, expected: String) {
        #expect(scrub(text) == expected)
    }

    @Test(arguments: [
        ("arn:aws:iam::123456789012:user/alice", "arn:aws:iam::123456789012:user/[user]"),
        ("arn:aws:iam::1:user/eng/ops/alice.b,", "arn:aws:iam::1:user/eng/ops/[user],"),
        ("arn:aws:sts::1:assumed-role/Admin/alice", "arn:aws:sts::1:assumed-role/Admin/[user]"),
        ("PWD=/home/alice/x", "PWD=/home/[user]/x"),
        ("/Users/alice.smith/.ssh", "/Users/[user]/.ssh"), ("user=alice host=h", "user=[user] host=h"), ("ruser='bob7'", "ruser='[user]'"),
        ("user=alice@example.com", "user=[email]"), ("user=1001", "user=1001"),
        ("new group: name=carol, GID=1009", "new group: name=[user], GID=1009"),
        ("removed group 'carol' owned by 'carol'", "removed group '[user]' owned by '[user]'"),
        ("add 'carol' to group 'sudo'", "add '[user]' to group 'sudo'"),
        ("add 'column' now", "add 'column' now"), ("lock user 'carol'", "lock user '[user]'"), ("name=carol", "name=carol"),
        ("/home/al", "/home/al"), ("GET /users/list", "GET /users/list"),
    ])
    func `a user's name goes where the text's structure gives it away`(text: String, expected: String) {
        #expect(scrub(text) == expected)
    }

    @Test(arguments: [
        "550e8400-e29b-41d4-a716-446655440000", "12345678-1234-1234-1234-123456789012", "4111e840-4111-1111-1111-111111111111",
        "2026-07-01T10:11:12.123456Z", "2026-07-01 10:11:12,123 +0200", "20260701101112", "1751364672123", "1751364672123456789",
        "[01/Jul/2026:10:11:12 +0000]",
        "v1.2.3.4", "version 1.2.3.4", "Chrome/118.0.0.0 Safari/537.36", "1.2.3.4-rc1", "1.2.3.4.5", "0.1.2.3", "10.0.0.0/8",
        "192.0.2.0/24", "255.255.255.0",
        "127.0.0.1:5432", "::1", "::", "0.0.0.0/0", "2001:db8::/32",
        "arn:aws:iam::123456789012:role/deploy", "arn:aws:s3:::bucket/key",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4", "size=4294967296 bytes", "pid 12345, tid 67890", "10:11:12", "12:30", "std::string",
        "Foo::Bar::Baz", "ActiveRecord::Base",
        "4111111111111112", "1234567890123456", "0.4111111111111111", "order 555-12-345", "HTTP/1.1\" 200 512 1234 5678",
        "DE89370400440532013001",
        "actions/checkout@v4", "lodash@4.17.21", "getty@tty1.service", "icon@2x.png", "@app.route", "root@db1", "sshd@1.2.3",
        "pkg@1.2.3-beta.rc",
        "the token expired", "token: expired", "pass: 12 fail: 3", "password=", "password=[FILTERED]", "password: ****", "password=$1",
        "password: null", "PWD=/srv/app ;", "pam_unix(passwd:chauthtok): password changed",
        "public_key: abc", "basic information about it", "primary key: id", "next_token=abc", "postgres://db.example.com:5432/x",
        "https://registry.npmjs.org/@scope/pkg",
        "https://h:8080/@scope/pkg", "ssh://git@github.com/a/b", "-----BEGIN CERTIFICATE-----", "--- a/file",
        "sk-learn-pipeline-runner-with-a-long-name",
        "usr_abcdefghijklm signed in", "ip_abcdefghijklm", "AROAEXAMPLEID:session", "i-0abcdef1234567890", "vpc-12345678", "us-east-1a",
        "job 12 of 345",
        "Jul  1 10:11:12 host sshd[1234]: Failed password for root from port 22 ssh2", "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8",
        "16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48", "C++ +1 -1 +02:00", "1,234,567.89", "3.14159265358979", "1e10", "0x7fff5fbff8c0",
        "42-17-2026",
    ])
    func `ids, times, versions, sizes and names survive`(text: String) {
        #expect(scrub(text) == text)
    }

    @Test(arguments: [
        "@", "1", "1 ", "a@", ":", "::", "a:", "://", "eyJ", "-", "-----BEGIN ", "=", "password=", "1.1.", "%40", "_", "'", "[at]", "(5",
        "+1", "Bearer ", "ghp_", "MII", "DE8", "$2",
    ])
    func `hostile repetition takes linear time and does not trap`(piece: String) {
        let scrubber = Scrubber()
        let text = String(repeating: piece, count: 40_000 / piece.utf8.count)
        let clock = ContinuousClock()
        let took = clock.measure { _ = scrubber.findings(in: text) }
        // A quadratic detector would need minutes in a debug build.
        #expect(took < .seconds(20))
    }

    @Test func `any bytes are scanned without a trap, and findings are ordered and apart`() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("@@..::--__==''\"\"\\\\//%&[]()$+ 0123456789abcdefAKIAJMBeyJ-----BEGIN password= 4111 \u{ff20}é谢".utf8)
        for _ in 0..<300 {
            let seed = generator.next()
            var state = seed
            let bytes = (0..<200).map { _ -> UInt8 in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return alphabet[Int((state >> 33) % UInt64(alphabet.count))]
            }
            let findings = bytes.withUnsafeBufferPointer { Scrubber().findings(in: $0) }
            var floor = 0
            for finding in findings {
                #expect(finding.start >= floor && finding.end > finding.start && finding.end <= bytes.count, "seed \(seed)")
                floor = finding.end
            }
        }
    }
}
