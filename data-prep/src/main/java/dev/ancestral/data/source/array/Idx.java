package dev.ancestral.data.source.array;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Example;
import dev.ancestral.data.Payload;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.InputBytes;
import dev.ancestral.data.source.InputFile;
import dev.ancestral.data.source.Part;
import dev.ancestral.data.source.Profile;
import dev.ancestral.data.source.Source;
import dev.ancestral.data.source.SourceContext;
import dev.ancestral.data.source.SourceProvider;
import dev.ancestral.data.source.Spread;
import dev.ancestral.data.source.StreamedFormat;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.hadoop.fs.FileStatus;

/**
 * The idx format of MNIST: numbers of any number of dimensions, the first of which counts the
 * examples; plain or gzip.
 *
 * <p>Three dimensions are gray images, [height, width, 1]. Whole numbers (uint8, int8, int16,
 * int32) are levels from 0 on: 2 if none is above 1, 256 if none is above 255, else one more than
 * the largest. Floating point (float32, float64) is real numbers, stored as float32, whose spread
 * must bear the rounding ({@link Spread}).
 *
 * @param labels for each input file, in the same order, an idx file of whole numbers with the class
 *     of each example: of one dimension, or of [N, 8] int32 as QMNIST's, whose first column is the
 *     class; empty if there are none
 * @param levels of an element; 0 for as many as said above
 * @param continuous whether elements are real numbers; the first file decides where it is false
 */
public record Idx(List<String> labels, int levels, boolean continuous) implements StreamedFormat {
  private static final long serialVersionUID = 1L;
  private static final int QMNIST_COLUMNS = 8;

  // Each element has a spread of its own in every task and on the driver.
  private static final int MOST_SPREADS = 1 << 18;

  public Idx {
    labels = List.copyOf(labels);
  }

  /** What its files say. */
  public Idx(List<String> labels) {
    this(labels, 0, false);
  }

  @Override
  public StreamedFormat located(Storage storage) {
    return new Idx(
        labels.stream().map(file -> storage.path(file).toString()).toList(), levels, continuous);
  }

  @Override
  public Survey survey(SourceContext context) {
    if (continuous) {
      return passes(context);
    }
    InputFile first = context.files().iterator().next();
    try (InputBytes in = InputBytes.open(context.storage(), first.path())) {
      boolean real = !IdxHeader.read(in).type().isWhole();
      Idx decided = real ? new Idx(labels, levels, true) : this;
      return decided.passes(context);
    } catch (IOException e) {
      throw InputBytes.refusal(first.path(), e);
    }
  }

  private Survey passes(SourceContext context) {
    return StreamedFormat.super.survey(context);
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
      IdxHeader header = IdxHeader.read(in);
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
      IdxHeader header = IdxHeader.read(images);
      if (images.compressed()) {
        header.requireRoom(part.file());
      }
      requireFit(header, part.file());
      images.skip(part.from() * header.exampleBytes());
      return new IdxReader(images, header, part, openLabels(storage, part, header), continuous);
    } catch (IOException | AncestralException e) {
      images.close();
      throw e;
    }
  }

  private void requireFit(IdxHeader header, InputFile file) {
    if (!continuous && !header.type().isWhole()) {
      throw new AncestralException(
          ErrorCode.DATA,
          file
              + " holds "
              + header.type()
              + ", but the first file whole numbers; name files of one kind, or say that all are"
              + " real numbers (continuous)");
    }
    if (continuous && !header.type().fitsFloat32() && header.elements() > MOST_SPREADS) {
      throw new AncestralException(
          ErrorCode.DATA,
          file
              + " has examples of "
              + header.elements()
              + " "
              + header.type()
              + "; whether float32 can hold them is tried for at most "
              + MOST_SPREADS
              + ": store them as float32");
    }
  }

  private Labels openLabels(Storage storage, Part part, IdxHeader images) throws IOException {
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
      IdxHeader header = IdxHeader.read(bytes);
      List<Integer> columns = header.sizes().subList(1, header.sizes().size());
      boolean qmnist = header.type() == IdxType.INT32 && columns.equals(List.of(QMNIST_COLUMNS));
      boolean classes = header.type().isWhole() && (columns.isEmpty() || qmnist);
      if (!classes || header.examples() != images.examples()) {
        throw new AncestralException(
            ErrorCode.DATA,
            part.file()
                + " has "
                + images.examples()
                + " examples, but its labels "
                + bytes.path()
                + " are "
                + header.type()
                + " of sizes "
                + header.sizes()
                + "; they must be whole numbers of ["
                + images.examples()
                + "] (or QMNIST's ["
                + images.examples()
                + ", 8] of int32, whose first column is the class): name the labels that belong to"
                + " it");
      }
      bytes.skip(part.from() * header.exampleBytes());
      return new Labels(bytes, header);
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
    Integer[] shape = profile.shape().toArray(Integer[]::new);
    if (continuous) {
      profile.spread().ifPresent(spread -> spread.requireKept("element", (element, at) -> at, ""));
      return new EventSpec(
          List.of(shape), new EventSpec.Continuous(), false, profile.classes(), List.of(), 0);
    }
    int needed = profile.largest() <= 255 ? 256 : 0;
    int byDefault = profile.largest() <= 1 ? 2 : needed;
    return EventSpec.discrete(profile.levels(levels > 0 ? levels : byDefault), shape)
        .withClasses(profile.classes());
  }

  /** Real numbers come as the bits of their float32. */
  @Override
  public Function<int[], byte[]> encoder(EventSpec event) {
    if (!continuous) {
      return StreamedFormat.super.encoder(event);
    }
    return bits -> {
      ByteBuffer buffer = ByteBuffer.allocate(bits.length * Float.BYTES).order(LITTLE_ENDIAN);
      buffer.asIntBuffer().put(bits);
      return buffer.array();
    };
  }

  /** The labels themselves are in {@link #extraInputs}, by their absolute paths. */
  @Override
  public String toString() {
    return "idx"
        + (labels.isEmpty() ? "" : " with labels")
        + (levels > 0 ? " with " + levels + " levels" : "")
        + (continuous ? " of real numbers" : "");
  }

  /** Reads the class of one example after another. */
  private record Labels(InputBytes bytes, IdxHeader header) {

    int next(long index) throws IOException {
      long at = bytes.offset();
      byte[] row = bytes.read(header.exampleBytes());
      if (row.length < header.exampleBytes()) {
        throw cutShort(bytes, header, index);
      }
      double label = header.type().value(ByteBuffer.wrap(row), 0);
      if (label < 0 || label >= EventSpec.MOST_CLASSES) {
        throw new AncestralException(
            ErrorCode.DATA,
            bytes.path()
                + " has the label "
                + (long) label
                + " at byte "
                + at
                + "; it must be from 0 to "
                + (EventSpec.MOST_CLASSES - 1)
                + ": mend it");
      }
      return (int) label;
    }
  }

  private static AncestralException cutShort(InputBytes in, IdxHeader header, long index) {
    int bytes = header.exampleBytes();
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
            + bytes
            + (bytes == 1 ? " byte" : " bytes")
            + ": get a whole copy of it");
  }

  private static final class IdxReader implements Reader {
    private final InputBytes images;
    private final IdxHeader header;
    private final Part part;
    private final Labels labels;
    private final boolean continuous;
    private final Optional<Spread<String>> spread;
    private final List<Integer> shape;
    private final int exampleBytes;
    private long index;
    private int label = Example.NONE;

    IdxReader(InputBytes images, IdxHeader header, Part part, Labels labels, boolean continuous) {
      this.images = images;
      this.header = header;
      this.part = part;
      this.labels = labels;
      this.continuous = continuous;
      boolean checked = continuous && !header.type().fitsFloat32();
      spread = checked ? Optional.of(new Spread<>(header.elements())) : Optional.empty();
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
            refuseMore(labels.bytes());
          }
        }
        return null;
      }
      byte[] bytes = images.read(exampleBytes);
      if (bytes.length < exampleBytes) {
        throw cutShort(images, header, index);
      }
      if (labels != null) {
        label = labels.next(index);
      }
      index++;
      ByteBuffer example = ByteBuffer.wrap(bytes);
      int[] values = new int[header.elements()];
      for (int i = 0; i < values.length; i++) {
        double value = header.type().value(example, i);
        values[i] = continuous ? bits(value, i) : level(value, i);
      }
      return values;
    }

    private int level(double value, int element) {
      if (value < 0 || value >= Payload.MOST_LEVELS) {
        throw new AncestralException(
            ErrorCode.DATA,
            where(element)
                + " has the value "
                + (long) value
                + "; a level must be from 0 to "
                + (Payload.MOST_LEVELS - 1)
                + ": mend the file, or say that its elements are real numbers (continuous)");
      }
      return (int) value;
    }

    private int bits(double value, int element) {
      float stored = (float) value;
      if (!Float.isFinite(stored)) {
        throw new AncestralException(
            ErrorCode.DATA,
            where(element)
                + " has the value "
                + value
                + "; it must be a number that float32 holds, up to "
                + Float.MAX_VALUE
                + ": mend the file");
      }
      if (spread.isPresent() && spread.get().add(element, value)) {
        spread.get().at(element, where(element));
      }
      return Float.floatToIntBits(stored);
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
    public Optional<Spread<String>> spread() {
      return spread;
    }

    @Override
    public int label() {
      return label;
    }

    @Override
    public String where(int element) {
      long at =
          header.bytes() + (index - 1) * exampleBytes + (long) element * header.type().bytes();
      return images.path() + " byte " + at;
    }

    @Override
    public void close() throws IOException {
      images.close();
      if (labels != null) {
        labels.bytes().close();
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
      return new Idx(
          settings.texts("labels", List.of()),
          settings.count("levels", 0, 0, Payload.MOST_LEVELS),
          settings.flag("continuous", false));
    }
  }
}
