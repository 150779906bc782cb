package dev.ancestral.data.source.array;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Example;
import dev.ancestral.data.MemoryBound;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.InputBytes;
import dev.ancestral.data.source.InputFile;
import dev.ancestral.data.source.Part;
import dev.ancestral.data.source.Profile;
import dev.ancestral.data.source.Source;
import dev.ancestral.data.source.SourceProvider;
import dev.ancestral.data.source.StreamedFormat;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;

/**
 * The idx format of MNIST: unsigned bytes of any number of dimensions, the first of which counts
 * the examples; plain or gzip.
 *
 * <p>Three dimensions are gray images, [height, width, 1]. Elements have 256 levels, or 2 if none
 * is above 1.
 *
 * @param labels for each input file, in the same order, an idx file of one dimension with the class
 *     of each example; empty if there are none
 */
public record Idx(List<String> labels) implements StreamedFormat {
  private static final long serialVersionUID = 1L;
  private static final int UNSIGNED_BYTE = 8;

  public Idx {
    labels = List.copyOf(labels);
  }

  @Override
  public StreamedFormat located(Storage storage) {
    return new Idx(labels.stream().map(file -> storage.path(file).toString()).toList());
  }

  @Override
  public long partBytes() {
    return 64L << 20;
  }

  @Override
  public List<Part> parts(Storage storage, InputFile file, long bytes) {
    if (file.length() <= bytes || InputBytes.isCompressed(storage, file.path())) {
      return List.of(Part.whole(file));
    }
    List<Part> parts = new ArrayList<>();
    try (InputBytes in = InputBytes.open(storage, file.path())) {
      Header header = Header.read(in);
      header.requireLength(file);
      long step = Math.max(1, bytes / header.exampleBytes());
      for (long from = 0; from < header.examples(); from += step) {
        boolean last = from + step >= header.examples();
        parts.add(new Part(file, from, last ? Long.MAX_VALUE : from + step));
      }
    } catch (IOException e) {
      throw InputBytes.refusal(file.path(), e);
    }
    return parts;
  }

  @Override
  public Reader open(Storage storage, Part part, String split) throws IOException {
    InputBytes images = InputBytes.open(storage, part.file().path());
    try {
      Header header = Header.read(images);
      if (images.compressed()) {
        header.requireRoom(part.file());
      }
      images.skip(part.from() * header.exampleBytes());
      return new IdxReader(images, header, part, openLabels(storage, part, header));
    } catch (IOException | AncestralException e) {
      images.close();
      throw e;
    }
  }

  private InputBytes openLabels(Storage storage, Part part, Header images) throws IOException {
    if (labels.isEmpty()) {
      return null;
    }
    int argument = part.file().argument();
    if (argument >= labels.size()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          part.file()
              + " is input number "
              + (argument + 1)
              + ", but the files of labels are "
              + labels
              + "; name one for each input file");
    }
    InputBytes bytes = InputBytes.open(storage, storage.path(labels.get(argument)));
    try {
      Header header = Header.read(bytes);
      if (header.sizes().size() != 1 || header.examples() != images.examples()) {
        throw new AncestralException(
            ErrorCode.DATA,
            part.file()
                + " has "
                + images.examples()
                + " examples, but its labels "
                + bytes.path()
                + " have sizes "
                + header.sizes()
                + "; they must be ["
                + images.examples()
                + "]: name the labels that belong to it");
      }
      bytes.skip(part.from());
      return bytes;
    } catch (IOException | AncestralException e) {
      bytes.close();
      throw e;
    }
  }

  @Override
  public String extraInputs(Storage storage) {
    StringBuilder versions = new StringBuilder();
    for (String file : labels) {
      FileStatus status = storage.status(storage.path(file));
      versions
          .append(status.getPath())
          .append(' ')
          .append(status.getLen())
          .append(' ')
          .append(status.getModificationTime())
          .append('\n');
    }
    return versions.toString();
  }

  @Override
  public EventSpec event(Profile profile) {
    return EventSpec.discrete(
            profile.largest() <= 1 ? 2 : 256, profile.shape().toArray(Integer[]::new))
        .withClasses(profile.classes());
  }

  /** The labels themselves are in {@link #extraInputs}, by their absolute paths. */
  @Override
  public String toString() {
    return "idx" + (labels.isEmpty() ? "" : " with labels");
  }

  /**
   * What stands before the data.
   *
   * @param sizes of all dimensions
   * @param bytes that the header takes itself
   */
  private record Header(List<Integer> sizes, int bytes) {

    static Header read(InputBytes in) throws IOException {
      byte[] magic = new byte[4];
      int count = in.read(magic);
      if (count < 4
          || magic[0] != 0
          || magic[1] != 0
          || magic[2] != UNSIGNED_BYTE
          || magic[3] < 1) {
        throw new AncestralException(
            ErrorCode.DATA,
            in.path()
                + " is no idx file of unsigned bytes: it begins with "
                + HexFormat.ofDelimiter(" ").formatHex(magic, 0, count)
                + ", not with 00 00 08 and the number of dimensions; convert it, or name another"
                + " file");
      }
      List<Integer> sizes = new ArrayList<>();
      for (int d = 0; d < magic[3]; d++) {
        byte[] size = new byte[4];
        if (in.read(size) < 4) {
          throw new AncestralException(
              ErrorCode.DATA,
              in.path() + " is cut short at byte " + in.offset() + ", in its header");
        }
        sizes.add(ByteBuffer.wrap(size).getInt());
      }
      Header header = new Header(sizes, 4 + 4 * sizes.size());
      header.check(in);
      return header;
    }

    /** Before a plain file is cut into parts: a wrong header could ask for any number of them. */
    void requireLength(InputFile file) {
      long promised = bytes + examples() * exampleBytes();
      if (promised != file.length()) {
        throw new AncestralException(
            ErrorCode.DATA,
            file
                + " has "
                + file.length()
                + " bytes; its header promises "
                + promised
                + ": get a whole copy of it");
      }
    }

    /** A packed file of a few bytes unpacks to examples of any size. */
    void requireRoom(InputFile file) {
      if (exampleBytes() > MemoryBound.elements(file.length())) {
        throw new AncestralException(
            ErrorCode.DATA,
            file
                + " has "
                + file.length()
                + " bytes and claims examples of "
                + exampleBytes()
                + " elements; at most "
                + MemoryBound.elements(file.length())
                + " are believed: check that this is the file you mean");
      }
    }

    private void check(InputBytes in) {
      long product = 1;
      for (int size : sizes.subList(1, sizes.size())) {
        product = size < 1 ? Long.MAX_VALUE : product * size;
        if (product > 1 << 30) {
          throw new AncestralException(
              ErrorCode.DATA,
              in.path() + " has impossible sizes " + sizes + " in its header; get a whole copy");
        }
      }
      if (sizes.get(0) < 0) {
        throw new AncestralException(
            ErrorCode.DATA,
            in.path() + " has " + sizes.get(0) + " examples in its header; get a sound copy of it");
      }
    }

    long examples() {
      return sizes.get(0);
    }

    int exampleBytes() {
      return shape().stream().reduce(1, Math::multiplyExact);
    }

    List<Integer> shape() {
      return switch (sizes.size()) {
        case 1 -> List.of(1);
        case 3 -> List.of(sizes.get(1), sizes.get(2), 1);
        default -> List.copyOf(sizes.subList(1, sizes.size()));
      };
    }
  }

  private static final class IdxReader implements Reader {
    private final InputBytes images;
    private final Header header;
    private final Part part;
    private final InputBytes labels;
    private final List<Integer> shape;
    private final int exampleBytes;
    private long index;
    private int label = Example.NONE;

    IdxReader(InputBytes images, Header header, Part part, InputBytes labels) {
      this.images = images;
      this.header = header;
      this.part = part;
      this.labels = labels;
      shape = header.shape();
      exampleBytes = header.exampleBytes();
      index = part.from();
    }

    @Override
    public int[] next() throws IOException {
      if (index >= Math.min(part.to(), header.examples())) {
        if (part.reachesEnd()) {
          refuseMore(images);
          if (labels != null) {
            refuseMore(labels);
          }
        }
        return null;
      }
      byte[] bytes = images.read(exampleBytes);
      if (bytes.length < exampleBytes) {
        throw cutShort(images, exampleBytes);
      }
      if (labels != null) {
        label = labels.read();
        if (label < 0) {
          throw cutShort(labels, 1);
        }
      }
      index++;
      int[] values = new int[bytes.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = bytes[i] & 0xFF;
      }
      return values;
    }

    private AncestralException cutShort(InputBytes in, int exampleBytes) {
      return new AncestralException(
          ErrorCode.DATA,
          in.path()
              + " is cut short at byte "
              + in.offset()
              + ", in example "
              + index
              + "; its header promises "
              + header.examples()
              + " examples of "
              + exampleBytes
              + (exampleBytes == 1 ? " byte" : " bytes")
              + ": get a whole copy of it");
    }

    private static void refuseMore(InputBytes in) throws IOException {
      long end = in.offset();
      if (in.read() >= 0) {
        throw new AncestralException(
            ErrorCode.DATA,
            in.path()
                + " goes on after byte "
                + end
                + ", where its header says it ends; get a sound copy of it");
      }
    }

    @Override
    public List<Integer> shape() {
      return shape;
    }

    @Override
    public int label() {
      return label;
    }

    @Override
    public String where(int element) {
      long at = header.bytes() + (index - 1) * exampleBytes + element;
      return images.path() + " byte " + at;
    }

    @Override
    public void close() throws IOException {
      images.close();
      if (labels != null) {
        labels.close();
      }
    }
  }

  /** The format by its name. */
  public static final class Provider implements SourceProvider {
    @Override
    public String name() {
      return "idx";
    }

    @Override
    public Source read(Settings settings) {
      return new Idx(settings.texts("labels", List.of()));
    }
  }
}
