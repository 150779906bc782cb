package dev.ancestral.job.generate;

import dev.ancestral.data.Shard;
import dev.ancestral.data.Storage;
import dev.ancestral.job.generate.rows.RowPage;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;

/**
 * The first few samples for a person: a grid of pictures, some sounds, a page of text, or a table
 * of rows.
 */
public final class Preview {
  /** Name of the grid of pictures. */
  static final String PICTURE = "preview.png";

  private static final String PREFIX = "preview";
  private static final int PICTURES = 100;
  private static final int ROLLS = 8;
  private static final int SOUNDS = 5;
  private static final int TEXTS = 10;
  private static final int ROWS = 20;
  private static final int GAP = 2;
  // Small images, and steps side by side, are enlarged by a whole factor to about this width.
  private static final int CELL = 56;
  private static final int ROLL = 200;
  private static final Color BETWEEN = new Color(0x5B6B7B);

  private final Storage storage;
  private final Path output;

  Preview(Storage storage, Path output) {
    this.storage = storage;
    this.output = output;
  }

  /** Whether a manifest lists a preview. */
  static boolean isIn(Map<String, Storage.Written> files) {
    return files.keySet().stream().anyMatch(Preview::isPreview);
  }

  /** Whether a file is one. */
  public static boolean isPreview(String name) {
    return name.startsWith(PREFIX);
  }

  /** How many examples of an event a preview shows. */
  public static int count(EventSpec event) {
    if (event.isRows()) {
      return event.variableLength() ? SOUNDS : ROWS;
    }
    if (new TextFormat().suits(event)) {
      return TEXTS;
    }
    if (new WavFormat().suits(event)) {
      return SOUNDS;
    }
    return new PngFormat().suits(event) ? (event.variableLength() ? ROLLS : PICTURES) : TEXTS;
  }

  /**
   * Some examples in the form that suits their event, by the names of files.
   *
   * @param examples batches of one example each, at least one
   */
  public static SortedMap<String, byte[]> content(EventSpec event, List<Batch> examples) {
    SortedMap<String, byte[]> content = new TreeMap<>();
    if (event.isRows()) {
      content.put(
          PREFIX + ".txt", RowPage.of(event, examples).text().getBytes(StandardCharsets.UTF_8));
    } else if (new TextFormat().suits(event)) {
      String page =
          examples.stream()
              .map(batch -> TextFormat.text(batch, 0))
              .collect(Collectors.joining("\n" + "-".repeat(72) + "\n", "", "\n"));
      content.put(PREFIX + ".txt", page.getBytes(StandardCharsets.UTF_8));
    } else if (new WavFormat().suits(event)) {
      for (Batch batch : examples) {
        String name = String.format(Locale.ROOT, "%s-%02d.wav", PREFIX, batch.ids()[0]);
        content.put(name, new WavFormat().encode(batch, 0));
      }
    } else if (new PngFormat().suits(event)) {
      List<BufferedImage> pictures =
          examples.stream().map(batch -> PngFormat.picture(batch, 0)).toList();
      content.put(PICTURE, PngFormat.png(grid(pictures, event.variableLength() ? ROLL : CELL)));
    } else {
      String page = examples.stream().map(Preview::numbers).collect(Collectors.joining());
      content.put(PREFIX + ".txt", page.getBytes(StandardCharsets.UTF_8));
    }
    return content;
  }

  /** Writes the preview that suits the event; returns its files by name. */
  Map<String, Storage.Written> write(List<MadePart> parts) {
    EventSpec event = parts.get(0).event();
    Map<String, Storage.Written> files = new TreeMap<>();
    content(event, first(parts, count(event)))
        .forEach(
            (name, bytes) ->
                files.put(name, storage.write(new Path(output, name), out -> out.write(bytes))));
    return files;
  }

  private List<Batch> first(List<MadePart> parts, int count) {
    List<Batch> samples = new ArrayList<>();
    for (MadePart part : parts) {
      if (samples.size() == count) {
        break;
      }
      Shard shard = Shard.read(storage, output, part.event(), part.entry());
      for (int row = 0; row < shard.size() && samples.size() < count; row++) {
        samples.add(shard.batch(row, row + 1));
      }
    }
    return samples;
  }

  private static String numbers(Batch batch) {
    boolean whole = batch.event().isDiscrete();
    return IntStream.range(0, (int) batch.elements(0))
            .mapToObj(i -> whole ? "" + (int) batch.values()[i] : "" + batch.values()[i])
            .collect(Collectors.joining(","))
        + "\n";
  }

  private static BufferedImage grid(List<BufferedImage> pictures, int cell) {
    int width = pictures.stream().mapToInt(BufferedImage::getWidth).max().orElse(1);
    int height = pictures.stream().mapToInt(BufferedImage::getHeight).max().orElse(1);
    int columns = (int) Math.ceil(Math.sqrt((double) pictures.size() * height / width));
    columns = Math.max(1, Math.min(columns, pictures.size()));
    int rows = (pictures.size() + columns - 1) / columns;
    int scale = Math.max(1, cell / width);
    int cellWidth = width * scale + GAP;
    int cellHeight = height * scale + GAP;
    BufferedImage grid =
        new BufferedImage(
            columns * cellWidth + GAP, rows * cellHeight + GAP, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = grid.createGraphics();
    graphics.setColor(BETWEEN);
    graphics.fillRect(0, 0, grid.getWidth(), grid.getHeight());
    for (int i = 0; i < pictures.size(); i++) {
      BufferedImage picture = pictures.get(i);
      graphics.drawImage(
          picture,
          GAP + i % columns * cellWidth,
          GAP + i / columns * cellHeight,
          picture.getWidth() * scale,
          picture.getHeight() * scale,
          null);
    }
    graphics.dispose();
    return grid;
  }
}
