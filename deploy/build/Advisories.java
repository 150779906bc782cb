import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/**
 * Holds a bill of materials (CycloneDX, XML) against the list of advisories that is kept by hand.
 * Each component must have been looked at in the version that it has, and none may have an advisory
 * that is open.
 *
 * <p>Usage: {@code java Advisories.java BILL LIST}. Ends with 1 and says why if a release must not
 * be made.
 */
final class Advisories {
  private static final String OURS = "dev.ancestral";
  private static final String OPEN = "open";

  /**
   * none: no advisory is known. mended: this version is later than those affected. unreachable: the
   * version is affected, and nothing that comes from outside gets there. open: a release waits for
   * it.
   */
  private static final Set<String> VERDICTS = Set.of("none", "mended", "unreachable", OPEN);

  /**
   * A line of the list.
   *
   * @param component group:artifact
   * @param version that was looked at
   * @param advisory its name, or - for none
   */
  private record Row(
      String component, String version, String advisory, String verdict, String reason) {}

  private Advisories() {}

  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 2) {
      throw new IllegalArgumentException("usage: Advisories BILL LIST");
    }
    Map<String, String> components = components(Path.of(arguments[0]));
    List<Row> rows = rows(Path.of(arguments[1]));
    List<String> problems = problems(components, rows);
    if (!problems.isEmpty()) {
      problems.forEach(problem -> System.err.println("advisories: " + problem));
      System.exit(1);
    }
    System.out.printf(
        "advisories: %d components were looked at, %d advisories, none open%n",
        components.size(), rows.stream().filter(row -> !row.advisory().equals("-")).count());
  }

  private static List<String> problems(Map<String, String> components, List<Row> rows) {
    Map<String, List<Row>> byComponent = new HashMap<>();
    for (Row row : rows) {
      byComponent.computeIfAbsent(row.component(), name -> new ArrayList<>()).add(row);
    }
    List<String> problems = new ArrayList<>();
    components.forEach(
        (name, version) -> {
          List<Row> known = byComponent.getOrDefault(name, List.of());
          if (known.isEmpty()) {
            problems.add(name + " " + version + " is in no line; look for advisories and add one");
          } else if (known.stream().noneMatch(row -> row.version().equals(version))) {
            problems.add(
                name
                    + " is "
                    + version
                    + ", and "
                    + known.get(0).version()
                    + " was looked at; look again and change its lines");
          }
        });
    for (Row row : rows) {
      if (row.verdict().equals(OPEN) && components.containsKey(row.component())) {
        problems.add(row.advisory() + " of " + row.component() + " is open: " + row.reason());
      }
    }
    return problems;
  }

  private static List<Row> rows(Path list) throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(list)) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] parts = line.split("\t");
      if (parts.length != 5 || !VERDICTS.contains(parts[3])) {
        throw new IllegalArgumentException(
            list
                + " has the line '"
                + line
                + "'; it must be component, version, advisory, one of "
                + VERDICTS
                + " and a reason, separated by tabs");
      }
      rows.add(new Row(parts[0], parts[1], parts[2], parts[3], parts[4]));
    }
    return rows;
  }

  /**
   * Versions by group:artifact; natives, which differ by their classifier, are one with the rest.
   */
  private static Map<String, String> components(Path bill)
      throws IOException, ParserConfigurationException, SAXException {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    Element root = factory.newDocumentBuilder().parse(bill.toFile()).getDocumentElement();
    Map<String, String> components = new TreeMap<>();
    for (Node child = root.getFirstChild(); child != null; child = child.getNextSibling()) {
      if (child.getNodeName().equals("components")) {
        for (Node one = child.getFirstChild(); one != null; one = one.getNextSibling()) {
          if (one instanceof Element component && !text(component, "group").equals(OURS)) {
            components.put(
                text(component, "group") + ":" + text(component, "name"),
                text(component, "version"));
          }
        }
      }
    }
    if (components.isEmpty()) {
      throw new IllegalArgumentException(bill + " names no component");
    }
    return components;
  }

  private static String text(Element component, String name) {
    for (Node child = component.getFirstChild(); child != null; child = child.getNextSibling()) {
      if (child.getNodeName().equals(name)) {
        return child.getTextContent().strip();
      }
    }
    return "";
  }
}
