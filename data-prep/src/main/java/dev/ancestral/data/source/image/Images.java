package dev.ancestral.data.source.image;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Example;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.FileFormat;
import dev.ancestral.data.source.InputFile;
import dev.ancestral.data.source.Source;
import dev.ancestral.data.source.SourceProvider;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.util.List;

/**
 * PNG and JPEG files, one image each: [height, width, 1] for gray ones, [height, width, 3] for
 * colour, 256 levels, by the rule of colour of {@link ImageFile}. All have the size of the first; a
 * gray image among coloured ones becomes a coloured one, wherever it stands.
 *
 * @param labelPattern expression whose first group, on the file name, is the label; empty for none
 * @param include expression that the names of files to read match; empty for .png, .jpg and .jpeg
 */
public record Images(String labelPattern, String include) implements FileFormat {
  private static final long serialVersionUID = 1L;
  private static final int MOST_BYTES = 1 << 28;

  public Images {
    FileFormat.check("labelPattern", labelPattern);
    FileFormat.check("include", include);
  }

  @Override
  public boolean accepts(String fileName) {
    return FileFormat.accepts(fileName, include, List.of(".png", ".jpg", ".jpeg"));
  }

  @Override
  public EventSpec event(Storage storage, InputFile file) {
    Picture picture = reading(storage, file, ImageFile::decode);
    return event(picture.height(), picture.width(), picture.channels());
  }

  private static EventSpec event(int height, int width, int channels) {
    return EventSpec.discrete(256, height, width, channels);
  }

  /** A gray picture may be the first of many coloured ones. */
  @Override
  public EventSpec widest(EventSpec event) {
    return event(event.shape().get(0), event.shape().get(1), 3);
  }

  @Override
  public boolean needsWidest(Storage storage, InputFile file) {
    return !reading(storage, file, ImageHeader::of).isGray();
  }

  @Override
  public Elements read(Storage storage, InputFile file, EventSpec encoding, String from) {
    Picture picture = reading(storage, file, ImageFile::decode);
    List<Integer> shape = List.of(picture.height(), picture.width(), picture.channels());
    List<Integer> expected = encoding.shape();
    if (!shape.subList(0, 2).equals(expected.subList(0, 2))
        || picture.channels() > expected.get(2)) {
      throw new AncestralException(
          ErrorCode.DATA,
          file
              + " is "
              + size(shape)
              + ", but "
              + from
              + " and the dataset are "
              + size(expected)
              + " (height, width, channels); scale the images first, or leave some out (include)");
    }
    return new Elements(picture.withChannels(expected.get(2)).values(), Example.NONE);
  }

  private static String size(List<Integer> shape) {
    return shape.get(0) + "×" + shape.get(1) + "×" + shape.get(2);
  }

  /** Reads what is wanted of the content of a file. */
  @FunctionalInterface
  private interface Reading<T> {
    T read(byte[] content) throws IOException;
  }

  private static <T> T reading(Storage storage, InputFile file, Reading<T> wanted) {
    byte[] content = storage.read(file.path(), MOST_BYTES);
    String why;
    try {
      return wanted.read(content);
    } catch (IOException | RuntimeException e) { // decoders throw both at damaged files
      why = String.valueOf(e.getMessage());
    }
    throw new AncestralException(
        ErrorCode.DATA,
        file
            + " cannot be read as an image: "
            + why
            + " ("
            + content.length
            + " bytes); replace it, or leave it out (include)");
  }

  @Override
  public String toString() {
    return "images" + FileFormat.options(labelPattern, include);
  }

  /** The format by its name. */
  public static final class Provider implements SourceProvider {
    @Override
    public String name() {
      return "images";
    }

    @Override
    public Source read(Settings settings) {
      return new Images(
          FileFormat.expression(settings, "labelPattern"),
          FileFormat.expression(settings, "include"));
    }
  }
}
