package example;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.InputBytes;
import dev.ancestral.data.source.Part;
import dev.ancestral.data.source.Profile;
import dev.ancestral.data.source.Source;
import dev.ancestral.data.source.SourceProvider;
import dev.ancestral.data.source.StreamedFormat;
import dev.ancestral.model.EventSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Transactions, as the FIMI repository of frequent itemsets holds them: a line for each, with the
 * numbers of its items between spaces. An example has an element for each item, 1 if it is there.
 *
 * @param items how many there are; their numbers begin with 0
 */
public record Transactions(int items) implements StreamedFormat {
  private static final long serialVersionUID = 1L;

  @Override
  public Reader open(Storage storage, Part part, String split) throws IOException {
    return new Lines(InputBytes.open(storage, part.file().path()), items);
  }

  @Override
  public EventSpec event(Profile profile) {
    return EventSpec.discrete(2, items);
  }

  @Override
  public String toString() {
    return "transactions of " + items + " items";
  }

  /** The format by its name. */
  public static final class Provider implements SourceProvider {
    @Override
    public String name() {
      return "transactions";
    }

    @Override
    public Source read(Settings settings) {
      return new Transactions(settings.count("items", null, 1, 1 << 20));
    }
  }

  private static final class Lines implements Reader {
    private final InputBytes bytes;
    private final int items;
    private int line;

    Lines(InputBytes bytes, int items) {
      this.bytes = bytes;
      this.items = items;
    }

    @Override
    public int[] next() throws IOException {
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      int next = bytes.read();
      if (next < 0) {
        return null;
      }
      line++;
      for (; next >= 0 && next != '\n'; next = bytes.read()) {
        text.write(next);
      }
      int[] elements = new int[items];
      for (String item : text.toString(StandardCharsets.UTF_8).strip().split(" +")) {
        if (!item.isEmpty()) {
          elements[number(item)] = 1;
        }
      }
      return elements;
    }

    private int number(String item) {
      try {
        int number = Integer.parseInt(item);
        if (number >= 0 && number < items) {
          return number;
        }
      } catch (NumberFormatException e) {
        // Refused below, as a number that is none of an item.
      }
      throw new AncestralException(
          ErrorCode.DATA,
          bytes.path()
              + " line "
              + line
              + ": there is '"
              + item
              + "'; it must be the number of an item, from 0 to "
              + (items - 1));
    }

    @Override
    public List<Integer> shape() {
      return List.of(items);
    }

    @Override
    public String where(int element) {
      return bytes.path() + " line " + line;
    }

    @Override
    public void close() throws IOException {
      bytes.close();
    }
  }
}
