/// Generalizes a user agent to a family and a system, such as `Firefox on macOS`.
///
/// A full user agent, with versions and builds, narrows a person down; the family answers what an auditor asks. The table is small on purpose: what it
/// does not know is `other`, never the original.
enum UserAgent {
    static func generalize(_ text: String) -> String {
        let bytes = Array(text.utf8.prefix(2_048)).map(Byte.lower)
        guard !bytes.isEmpty, !(bytes.count == 1 && bytes[0] == 0x2d) else { return "none" }
        func has(_ word: StaticString) -> Bool {
            bytes.withUnsafeBufferPointer { buffer in
                let text = ScrubText(buffer)
                let first = word.utf8Start[0]
                return buffer.indices.contains { buffer[$0] == first && text.has(word, at: $0) }
            }
        }
        guard let family = families.first(where: { has($0.sign) })?.name else { return "other" }
        guard family.isBrowser, let system = systems.first(where: { has($0.sign) })?.name else { return family.text }
        return "\(family.text) on \(system)"
    }

    private struct Family {
        let text: String
        let isBrowser: Bool
    }

    /// In this order: a browser names the ones it pretends to be after its own name.
    private static let families: [(sign: StaticString, name: Family)] = [
        tool("aws-cli", "AWS CLI"), tool("aws-internal", "AWS service"), tool("boto3", "AWS SDK for Python"),
        tool("botocore", "AWS SDK for Python"),
        tool("aws-sdk", "AWS SDK"), tool("amazonaws.com", "AWS service"), tool("signin.amazonaws", "AWS service"),
        tool("console.amazonaws", "AWS console"),
        tool("s3console", "AWS console"), tool("terraform", "Terraform"), tool("pulumi", "Pulumi"), tool("kubectl", "kubectl"),
        tool("helm/", "Helm"),
        tool("kube-", "Kubernetes"), tool("gcloud", "gcloud"), tool("azurecli", "Azure CLI"), tool("github-hookshot", "GitHub webhook"),
        tool("githubactions", "GitHub Actions"), tool("actions/", "GitHub Actions"), tool("gh cli", "GitHub CLI"),
        tool("github cli", "GitHub CLI"),
        tool("githubdesktop", "GitHub Desktop"), tool("dependabot", "Dependabot"), tool("git-lfs", "Git LFS"), tool("git/", "git"),
        tool("jgit", "git"),
        tool("okta ad agent", "Okta agent"), tool("okta-ad", "Okta agent"), tool("oktaverify", "Okta Verify"),
        tool("okta verify", "Okta Verify"),
        tool("okta-", "Okta agent"), tool("okta ", "Okta agent"), tool("oktasdk", "Okta agent"), tool("curl", "curl"), tool("wget", "Wget"),
        tool("httpie", "HTTPie"),
        tool("postmanruntime", "Postman"), tool("insomnia", "Insomnia"), tool("python-requests", "Python"), tool("python-httpx", "Python"),
        tool("aiohttp", "Python"), tool("python", "Python"), tool("go-http-client", "Go"), tool("okhttp", "Java"),
        tool("apache-httpclient", "Java"),
        tool("java", "Java"), tool("node-fetch", "Node.js"), tool("axios", "Node.js"), tool("undici", "Node.js"), tool("node", "Node.js"),
        tool("faraday", "Ruby"), tool("ruby", "Ruby"), tool("guzzle", "PHP"), tool("php", "PHP"), tool("powershell", "PowerShell"),
        tool("dart", "Dart"),
        tool("cfnetwork", "Apple app"), tool("slackbot", "bot"), tool("googlebot", "bot"), tool("bingbot", "bot"), tool("bot/", "bot"),
        tool("bot;", "bot"),
        tool("crawler", "bot"), tool("spider", "bot"), tool("headlesschrome", "headless Chrome"), tool("electron", "desktop app"),
        tool("slack", "Slack"), tool("teams", "Teams"), tool("outlook", "Outlook"), tool("microsoft office", "Office"),
        tool("thunderbird", "Thunderbird"),
        browser("edga/", "Edge"), browser("edgios/", "Edge"), browser("edg/", "Edge"), browser("edge/", "Edge"), browser("opr/", "Opera"),
        browser("opera", "Opera"),
        browser("vivaldi", "Vivaldi"), browser("samsungbrowser", "Samsung Internet"), browser("yabrowser", "Yandex Browser"),
        browser("fxios", "Firefox"),
        browser("firefox", "Firefox"), browser("crios", "Chrome"), browser("chromium", "Chromium"), browser("chrome", "Chrome"),
        browser("safari", "Safari"),
        browser("trident", "Internet Explorer"), browser("msie", "Internet Explorer"), browser("mozilla", "browser"),
    ]

    private static let systems: [(sign: StaticString, name: String)] = [
        ("windows", "Windows"), ("iphone", "iOS"), ("ipad", "iPadOS"), ("android", "Android"), ("cros", "ChromeOS"), ("mac os x", "macOS"),
        ("macintosh", "macOS"), ("mac_os", "macOS"), ("darwin", "macOS"), ("linux", "Linux"), ("freebsd", "FreeBSD"), ("x11", "Linux"),
    ]

    private static func tool(_ sign: StaticString, _ text: String) -> (sign: StaticString, name: Family) {
        (sign, Family(text: text, isBrowser: false))
    }
    private static func browser(_ sign: StaticString, _ text: String) -> (sign: StaticString, name: Family) {
        (sign, Family(text: text, isBrowser: true))
    }
}
