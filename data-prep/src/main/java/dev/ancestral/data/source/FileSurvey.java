package dev.ancestral.data.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ancestral.data.Example;
import dev.ancestral.data.Storage;
import dev.ancestral.model.EventSpec;
import java.io.Serializable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Both passes over files that are one example each; the first looks at their names alone. */
final class FileSurvey implements Source.Survey {
  private final FileFormat format;
  private final SourceContext context;
  private final long[] positions;
  private final long examples;
  private final FileLabels labels;
  private final Map<String, Integer> labelOf = new HashMap<>();
  private final InputFile first;
  private final EventSpec event;

  /** What the names of a partition hold. */
  private record Names(long files, Set<String> labels) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  private FileSurvey(FileFormat format, SourceContext context, List<Names> partitions) {
    this.format = format;
    this.context = context;
    positions = new long[partitions.size()];
    Set<String> captured = new HashSet<>();
    long position = 0;
    for (int p = 0; p < positions.length; p++) {
      positions[p] = position;
      position += partitions.get(p).files();
      captured.addAll(partitions.get(p).labels());
    }
    examples = position;
    labels = FileLabels.of(captured);
    captured.forEach(text -> labelOf.put(text, labels.label(text)));
    first = context.files().iterator().next();
    event = event(format, context, first).withClasses(labels.classes());
  }

  private static EventSpec event(FileFormat format, SourceContext context, InputFile first) {
    Storage storage = context.storage();
    EventSpec narrow = format.event(storage, first);
    EventSpec widest = format.widest(narrow);
    if (widest.equals(narrow)) {
      return narrow;
    }
    List<Boolean> needed = context.files().collect((p, some) -> needsWidest(format, storage, some));
    return needed.contains(true) ? widest : narrow;
  }

  private static boolean needsWidest(
      FileFormat format, Storage storage, Iterator<InputFile> files) {
    while (files.hasNext()) {
      if (format.needsWidest(storage, files.next())) {
        return true;
      }
    }
    return false;
  }

  static FileSurvey of(FileFormat format, SourceContext context) {
    FileLabels.Rule rule = FileLabels.Rule.of(format);
    return new FileSurvey(format, context, context.files().collect((p, some) -> names(some, rule)));
  }

  private static Names names(Iterator<InputFile> files, FileLabels.Rule rule) {
    Set<String> labels = new HashSet<>();
    long count = 0;
    while (files.hasNext()) {
      InputFile file = files.next();
      count++;
      if (!rule.isNone()) {
        labels.add(rule.label(file));
      }
    }
    return new Names(count, labels);
  }

  @Override
  public long examples() {
    return examples;
  }

  @Override
  public EventSpec event() {
    return event;
  }

  @Override
  public List<String> classNames() {
    return labels.names();
  }

  @Override
  public String largestAt() {
    return first.uri();
  }

  @Override
  public Source.Extraction extract(EventSpec fixed) {
    long[] begin = positions;
    FileLabels.Rule rule = FileLabels.Rule.of(format);
    Map<String, Integer> label = new HashMap<>(labelOf);
    FileFormat theFormat = format;
    Storage storage = context.storage();
    String from = first.uri();
    EventSpec layout = event;
    return new Source.Extraction(
        context.files().map((p, some) -> references(some, begin[p], rule, label)),
        (id, raw) -> {
          InputFile file = new InputFile(0, new String(raw.data(), UTF_8), 0, 0);
          FileFormat.Elements elements = theFormat.read(storage, file, fixed, from);
          return new Example(id, elements.payload(), raw.label(), elements.length());
        },
        layout);
  }

  private static Iterator<Source.RawExample> references(
      Iterator<InputFile> files, long begin, FileLabels.Rule rule, Map<String, Integer> labels) {
    return new Iterator<>() {
      private long position = begin;

      @Override
      public boolean hasNext() {
        return files.hasNext();
      }

      @Override
      public Source.RawExample next() {
        InputFile file = files.next();
        int label = rule.isNone() ? Example.NONE : labels.get(rule.label(file));
        return new Source.RawExample(position++, file.uri().getBytes(UTF_8), label, Example.NONE);
      }
    };
  }
}
