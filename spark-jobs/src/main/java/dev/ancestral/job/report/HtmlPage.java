package dev.ancestral.job.report;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A page without scripts, fonts or links: it can be mailed. */
final class HtmlPage {
  private static final String STYLE =
      """
      * { box-sizing: border-box; }
      body { font: 15px/1.5 system-ui, sans-serif; color: #1b2430; background: #fff;
             max-width: 62rem; margin: 1.5rem auto; padding: 0 1rem; }
      h1 { font-size: 1.6rem; line-height: 1.2; margin: 0; }
      h2 { font-size: 1.05rem; margin: 1.6rem 0 .5rem; }
      .below { color: #5b6b7b; margin: .2rem 0 0; }
      .result { border-left: 4px solid #1f5fa8; padding: .1rem 0 .1rem 1rem; margin: 1.1rem 0; }
      .result strong { font-size: 1.35rem; line-height: 1.3; display: block; }
      .result span { display: block; color: #44525f; }
      .columns { display: grid; gap: 0 2rem;
             grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); }
      .columns > div { min-width: 0; }
      table { border-collapse: collapse; } td { padding: .1rem 1.2rem .1rem 0;
             vertical-align: top; } td:first-child { color: #5b6b7b; white-space: nowrap; }
      td:last-child { overflow-wrap: anywhere; }
      pre { white-space: pre-wrap; overflow-wrap: anywhere; max-height: 22rem; overflow: auto;
             background: #f5f7f9; padding: .6rem .8rem; margin: 0; font-size: .85rem; }
      .grid { overflow: auto; max-height: 22rem; font-size: .85rem; }
      .grid td, .grid th { padding: .1rem .8rem .1rem 0; white-space: nowrap; text-align: left; }
      .grid td:first-child { color: inherit; } .grid .number { text-align: right; }
      svg, img, audio { max-width: 100%; height: auto; display: block; }
      svg { width: 100%; } audio { width: 100%; height: 2.2rem; }
      img { image-rendering: pixelated; max-height: 25rem; }
      .narrow { display: none; }
      details { margin: 1rem 0 2rem; } summary { color: #5b6b7b; cursor: pointer; }
      .half { max-width: 30rem; }
      @media (prefers-color-scheme: dark) {
        body { color: #dde3ea; background: #14191f; }
        .below, td:first-child, summary { color: #93a1af; }
        .result { border-color: #6aa5ea; } .result span { color: #aeb9c4; }
        pre { background: #1e252d; } svg { fill: #aeb9c4; }
        [fill="#1f5fa8"] { fill: #6aa5ea; } [stroke="#1f5fa8"] { stroke: #6aa5ea; }
        [fill="#c4572b"] { fill: #ee8a5f; } [stroke="#c4572b"] { stroke: #ee8a5f; }
        [stroke="#e3e8ed"] { stroke: #303943; } }
      @media (max-width: 40rem) { .wide { display: none; } .narrow { display: block; } }
      """;

  private static final String META = "<meta name=\"%s\" content=\"";

  private final StringBuilder head = new StringBuilder();
  private final StringBuilder body = new StringBuilder();
  private final String title;
  private final String below;

  /**
   * @param title of the page
   * @param below a line under it; may be empty
   */
  HtmlPage(String title, String below) {
    this.title = title;
    this.below = below;
  }

  /** Keeps a text in the page, unseen. */
  void remember(String name, String text) {
    head.append(String.format(META, name)).append(escaped(text)).append("\">\n");
  }

  /** A text that a page keeps. */
  static Optional<String> remembered(String html, String name) {
    String meta = String.format(META, name);
    int at = html.indexOf(meta);
    if (at < 0) {
      return Optional.empty();
    }
    int from = at + meta.length();
    String text = html.substring(from, html.indexOf('"', from));
    return Optional.of(
        text.replace("&quot;", "\"")
            .replace("&gt;", ">")
            .replace("&lt;", "<")
            .replace("&amp;", "&"));
  }

  /** What is to be seen first: a line in large letters, and what is to be known of it. */
  void result(String line, List<String> notes) {
    body.append("<div class=\"result\"><strong>").append(escaped(line)).append("</strong>\n");
    notes.forEach(note -> body.append("<span>").append(escaped(note)).append("</span>\n"));
    body.append("</div>\n");
  }

  /** Parts of the page side by side, where the screen is wide enough. */
  void columns(List<Runnable> columns) {
    body.append("<div class=\"columns\">\n");
    for (Runnable column : columns) {
      body.append("<div>\n");
      column.run();
      body.append("</div>\n");
    }
    body.append("</div>\n");
  }

  void table(String heading, Map<String, String> rows) {
    if (!rows.isEmpty()) {
      heading(heading);
      rows(rows);
    }
  }

  /** A table that is shown when it is asked for. */
  void folded(String summary, Map<String, String> rows) {
    if (!rows.isEmpty()) {
      body.append("<details><summary>").append(escaped(summary)).append("</summary>\n");
      rows(rows);
      body.append("</details>\n");
    }
  }

  private void rows(Map<String, String> rows) {
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

  /**
   * A table with a name above each column, which scrolls where it is wider than the page.
   *
   * @param numbers whether each column is set right
   */
  void grid(String heading, List<String> columns, List<List<String>> rows, List<Boolean> numbers) {
    heading(heading);
    body.append("<div class=\"grid\"><table>\n");
    row("th", columns, numbers);
    rows.forEach(cells -> row("td", cells, numbers));
    body.append("</table></div>\n");
  }

  private void row(String tag, List<String> cells, List<Boolean> numbers) {
    body.append("<tr>");
    for (int c = 0; c < cells.size(); c++) {
      body.append('<').append(tag).append(numbers.get(c) ? " class=\"number\">" : ">");
      body.append(escaped(cells.get(c))).append("</").append(tag).append('>');
    }
    body.append("</tr>\n");
  }

  /** SVG elements become part of the page. */
  void drawing(String heading, List<String> svg) {
    heading(heading);
    svg.forEach(element -> body.append(element).append('\n'));
  }

  /** What is to be known of what follows. */
  void note(String text) {
    body.append("<p class=\"below\">").append(escaped(text)).append("</p>\n");
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
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        + head
        + "<title>"
        + escaped(title)
        + "</title>\n<style>\n"
        + STYLE
        + "</style>\n</head>\n<body>\n<h1>"
        + escaped(title)
        + "</h1>\n"
        + (below.isEmpty() ? "" : "<p class=\"below\">" + escaped(below) + "</p>\n")
        + body
        + "</body>\n</html>\n";
  }

  private void heading(String heading) {
    body.append("<h2>").append(escaped(heading)).append("</h2>\n");
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
