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
import dev.ancestral.data.source.Sources;
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
 * @param labelsByFolder whether the name of the folder that a file lies in is its label
 * @param resize HEIGHTxWIDTH that pictures are scaled to, by averaging areas; empty for none
 * @param crop HEIGHTxWIDTH of the middle that is taken, after scaling; empty for none
 */
public record Images(
    String labelPattern, String include, boolean labelsByFolder, String resize, String crop)
    implements FileFormat {
  private static final long serialVersionUID = 1L;
  private static final int MOST_BYTES = 1 << 28;
  private static final int LONGEST_SCALED = 1 << 16;

  public Images {
    FileFormat.check("labelPattern", labelPattern);
    FileFormat.check("include", include);
    PictureSize.parse(resize);
    PictureSize.parse(crop);
  }

  /** Pictures as they are. */
  public Images(String labelPattern, String include) {
    this(labelPattern, include, false, "", "");
  }

  @Override
  public boolean accepts(String fileName) {
    return FileFormat.accepts(fileName, include, List.of(".png", ".jpg", ".jpeg"));
  }

  @Override
  public EventSpec event(Storage storage, InputFile file) {
    Picture picture = picture(storage, file);
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
    Picture picture = picture(storage, file);
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
              + " (height, width, channels); give one size (resize, crop), or leave some out"
              + " (include)");
    }
    return new Elements(picture.withChannels(expected.get(2)).values(), Example.NONE);
  }

  private Picture picture(Storage storage, InputFile file) {
    Picture stored = reading(storage, file, ImageFile::decode);
    if (!resize.isEmpty() && Math.max(stored.height(), stored.width()) > LONGEST_SCALED) {
      throw new AncestralException(
          ErrorCode.DATA,
          file
              + " is "
              + stored.height()
              + "x"
              + stored.width()
              + "; a picture that is scaled may have sides of "
              + LONGEST_SCALED
              + " pixels: leave it out (include)");
    }
    Picture scaled = stored.resized(PictureSize.parse(resize));
    PictureSize middle = PictureSize.parse(crop);
    if (scaled.height() < middle.height() || scaled.width() < middle.width()) {
      throw new AncestralException(
          ErrorCode.DATA,
          file
              + " is "
              + scaled.height()
              + "x"
              + scaled.width()
              + ", and "
              + middle
              + " cannot be cut out of it; crop less, resize it first, or leave it out (include)");
    }
    return scaled.cropped(middle);
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
    return "images"
        + FileFormat.options(labelPattern, include)
        + (labelsByFolder ? " labelled by their folders" : "")
        + (resize.isEmpty() ? "" : " scaled to " + resize)
        + (crop.isEmpty() ? "" : " cropped to " + crop);
  }

  /** The format by its name. */
  public static final class Provider implements SourceProvider {
    @Override
    public String name() {
      return "images";
    }

    @Override
    public Source read(Settings settings) {
      String pattern = FileFormat.expression(settings, "labelPattern");
      boolean byFolder =
          settings.has("label") && settings.text("label", "", "parent").equals("parent");
      if (byFolder && !pattern.isEmpty()) {
        settings.wrong("label", "parent", "left out where labelPattern says what the label is");
      }
      return new Images(
          pattern,
          FileFormat.expression(settings, "include"),
          byFolder,
          size(settings, "resize"),
          size(settings, "crop"));
    }

    private static String size(Settings settings, String key) {
      return Sources.parsed(
          settings,
          key,
          "",
          PictureSize.ALLOWED,
          text -> PictureSize.parse(text).isNone() ? "" : text,
          "");
    }
  }
}
