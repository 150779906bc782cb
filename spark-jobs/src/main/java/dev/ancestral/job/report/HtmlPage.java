package dev.ancestral.job.report;

import java.util.Map;

/** A page without scripts, fonts or links: it can be mailed. */
final class HtmlPage {
  private static final String STYLE =
      """
      body { font: 15px/1.5 system-ui, sans-serif; color: #1b2430; max-width: 56rem;
             margin: 2rem auto; padding: 0 1rem; }
      h1 { font-size: 1.6rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
      table { border-collapse: collapse; } td { padding: .15rem 1.2rem .15rem 0;
             vertical-align: top; } td:first-child { color: #5b6b7b; }
      td:last-child { word-break: break-all; }
      pre { white-space: pre-wrap; }
      svg, img { max-width: 100%; height: auto; } img { image-rendering: pixelated; }
      """;

  private final StringBuilder body = new StringBuilder();
  private final String title;

  HtmlPage(String title) {
    this.title = title;
  }

  void table(String heading, Map<String, String> rows) {
    if (rows.isEmpty()) {
      return;
    }
    heading(heading);
    body.append("<table>\n");
    rows.forEach(
        (name, value) ->
            body.append("<tr><td>")
                .append(escaped(name))
                .append("</td><td>")
                .append(escaped(value))
                .append("</td></tr>\n"));
    body.append("</table>\n");
  }

  /** An SVG document becomes part of the page. */
  void drawing(String heading, String svg) {
    heading(heading);
    body.append(svg.substring(svg.indexOf("<svg"))).append('\n');
  }

  void text(String heading, String text) {
    heading(heading);
    body.append("<p>").append(escaped(text)).append("</p>\n");
  }

  /** A picture as a data URI. */
  void picture(String heading, String dataUri) {
    heading(heading);
    body.append("<img alt=\"").append(escaped(heading)).append("\" src=\"");
    body.append(dataUri).append("\">\n");
  }

  /** A sound as a data URI, to be played. */
  void sound(String dataUri) {
    body.append("<audio controls src=\"").append(dataUri).append("\"></audio>\n");
  }

  /** Text with its line breaks. */
  void verbatim(String heading, String text) {
    heading(heading);
    body.append("<pre>").append(escaped(text)).append("</pre>\n");
  }

  String html() {
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>"
        + escaped(title)
        + "</title>\n<style>\n"
        + STYLE
        + "</style>\n</head>\n<body>\n<h1>"
        + escaped(title)
        + "</h1>\n"
        + body
        + "</body>\n</html>\n";
  }

  private void heading(String heading) {
    body.append("<h2>").append(escaped(heading)).append("</h2>\n");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
