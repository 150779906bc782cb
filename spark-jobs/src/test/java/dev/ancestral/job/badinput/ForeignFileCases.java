package dev.ancestral.job.badinput;

import static dev.ancestral.job.badinput.BadInput.wrong;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;

/** Files of other programs that are damaged, of another kind, or do not fit what is there. */
final class ForeignFileCases {
  private ForeignFileCases() {}

  static List<BadInput> all() {
    return List.of(
        file("idx cut short", "idx", idx(10, 3, 3, 80), "is cut short at byte 96", "10 examples"),
        file("idx that goes on", "idx", idx(10, 3, 3, 91), "goes on after byte 106"),
        file(
            "idx of an unknown type",
            "idx",
            new byte[] {0, 0, 10, 1, 0, 0, 0, 1},
            "is no idx file"),
        file("idx without a byte", "idx", new byte[0], "is no idx file"),
        file(
            "idx whose header claims 2^62 bytes",
            "idx",
            idx(Integer.MAX_VALUE, Integer.MAX_VALUE, 3, 9),
            "has impossible sizes [2147483647, 2147483647, 3]"),
        file(
            "idx whose header claims a gigabyte an example",
            "idx",
            idx(3, 1 << 15, 1 << 15, 9),
            "is cut short at byte 25",
            "1073741824 bytes"),
        file(
            "idx of a negative number of examples",
            "idx",
            idx(-1, 3, 3, 9),
            "has -1 examples in its header"),
        file("gzip cut short", "idx", new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0}, "damaged"),
        wrong(
            "idx labels of another number",
            w -> {
              w.write("in", idx(10, 3, 3, 90));
              w.write("labels", new byte[] {0, 0, 8, 1, 0, 0, 0, 2, 1, 1});
            },
            "prepare --format idx --input @in --labels @labels --output @out",
            3,
            "has 10 examples, but its labels"),
        file("wav that is none", "wav", "no sound at all".getBytes(StandardCharsets.UTF_8), "RIFF"),
        file("wav of 12 bits", "wav", wav(1, 8000, 12, 16, 16), "12 bits", "must be PCM"),
        file("wav of two channels", "wav", wav(2, 8000, 16, 16, 16), "2 channels", "--channel"),
        file("wav without a rate", "wav", wav(1, 0, 16, 16, 16), "0 samples a second"),
        file("wav cut short", "wav", wav(1, 8000, 16, 4000, 16), "is cut short at byte"),
        file("wav of 4 GiB in 60 bytes", "wav", wav(1, 8000, 16, -2, 16), "is cut short"),
        file("picture that is none", "images", "GIF89a no".getBytes(StandardCharsets.UTF_8), "PNG"),
        file("png cut short", "images", cut(png(4, 4), 50), "cannot be read as an image"),
        file(
            "png that claims 60,000×60,000 pixels",
            "images",
            claim(png(4, 4), 60_000),
            "it claims 60000×60000 pixels"),
        file(
            "png with a part of two gigabytes",
            "images",
            partOfGigabytes(png(4, 4)),
            "claims 2147483632 bytes"),
        wrong(
            "pictures of two sizes",
            w -> {
              w.write("empty/a.png", png(4, 4));
              w.write("empty/b.png", png(5, 4));
            },
            "prepare --format images --input @empty --output @out",
            3,
            "b.png is 4×5×1, but",
            "give one size (resize, crop)"),
        file("matrix with a letter", "matrix", "0,1\n1,x\n", "line 2 column 2 is 'x'"),
        file("matrix below 0", "matrix", "0,-1\n", "line 1 column 2 is '-1'"),
        file("matrix with NaN", "matrix", "0,NaN\n", "is 'NaN'; it must be a whole number"),
        file("matrix beyond 2^24", "matrix", "99999999999\n", "is '99999999999'"),
        file("matrix with a short line", "matrix", "0,1,1\n1,0\n", "line 2 has 2 columns"),
        file("matrix of blank lines", "matrix", "\n\n\n", "hold no example"),
        file("text that is no UTF-8", "text", new byte[] {'a', (byte) 0xff, 'b'}, "at byte 1"),
        file("text without a character", "text", new byte[0], "hold no example"),
        file(
            "sequences that are no JSON",
            "sequences",
            "{\"train\": [[[21], ",
            "line 1 column 19",
            "it must be JSON: get a whole copy"),
        file("sequences without the split", "sequences", "{\"test\": []}", "no split 'train'"),
        file(
            "a key outside",
            "sequences",
            "{\"train\": [[[300]]]}",
            "key 300; it must be from 21 to 108"),
        file(
            "a key beyond 64 bits",
            "sequences",
            "{\"train\": [[[99999999999999999999]]]}",
            "a key beyond 64 bits"),
        file("a key that is a word", "sequences", "{\"train\": [[[\"c\"]]]}", "a key (a whole"),
        wrong(
            "a table with NaN",
            w -> w.write("in.csv", "a,b\n1,2\n3,NaN\n"),
            "prepare --format table --input @in.csv --output @out",
            3,
            "row 2: column 'b' is 'NaN'"),
        wrong(
            "a table with a word",
            w -> w.write("in.csv", "a,b\n1,2\n1,two\n"),
            "prepare --format table --input @in.csv --output @out",
            3,
            "row 2: column 'b' is 'two'; it must be a number"),
        wrong(
            "a column of texts that nearly all differ",
            w ->
                w.write(
                    "in.csv",
                    "name,b\n"
                        + IntStream.range(0, 1001)
                            .mapToObj(r -> "n" + r + ",1\n")
                            .collect(Collectors.joining())),
            "prepare --format table --input @in.csv --output @out",
            3,
            "column 'name' has 1001 different texts",
            "name=category"),
        wrong(
            "a table whose rows differ in length",
            w -> w.write("in.csv", "name,a,b\n\"Doe, J\",1.5,2\nDoe, 33,2.5,3\n"),
            "prepare --format table --columns a,b --input @in.csv --output @out",
            3,
            "row 2: has another number of columns than the header: 4, not 3"),
        wrong(
            "a number as Java writes it",
            w -> w.write("in.csv", "id,x\n1d,.5\n2f,1.5\n"),
            "prepare --format table --input @in.csv --output @out",
            3,
            "row 1: column 'id' is '1d'; it must be a number"),
        wrong(
            "whole numbers that float32 does not hold",
            w -> w.write("in.csv", "x,y\n100000000,1.5\n100000001,2.5\n"),
            "prepare --format table --input @in.csv --output @out",
            3,
            "row 2: column 'x' is '100000001'",
            "float32 holds"),
        wrong(
            "real numbers whose spread float32 does not keep",
            w -> w.write("in.csv", "x\n1000000.01\n1000000.02\n"),
            "prepare --format table --input @in.csv --output @out",
            3,
            "column 'x' is 1000000.0",
            "standard deviation"),
        wrong(
            "a column that is not there",
            w -> w.write("in.csv", ",a\n0,1\n"),
            "prepare --format table --columns _c0 --input @in.csv --output @out",
            3,
            "has no column '_c0'; it has [Unnamed: 0, a]"),
        wrong(
            "a column twice",
            w -> w.write("in.csv", "a,b\n0,1\n"),
            "prepare --format table --columns a,a --input @in.csv --output @out",
            2,
            "columns is [a, a]"),
        wrong(
            "a quote that is not closed",
            w -> w.write("in.csv", "a,b\n0,\"1\n"),
            "prepare --format table --input @in.csv --output @out",
            3,
            "row 1: has a quote that is not closed"),
        wrong(
            "Parquet that ends early",
            w -> w.write("in.parquet", "PAR1 and no more"),
            "prepare --format table --input @in.parquet --output @out",
            3,
            "cannot be read as Parquet"),
        file("matrix with a minus of Unicode", "matrix", "0,\u22121\n", "line 1 column 2 is"),
        file("sequences with more behind", "sequences", "{\"train\": []}\n{}", "behind the object"),
        file("jpeg cut short", "images", cut(jpeg(), 200), "before its end marker"),
        file("wav of floating point", "wav", kind(wav(1, 8000, 16, 16, 16), 3), "floating point"),
        file("wav of half a sample", "wav", wav(1, 8000, 16, 15, 16), "within a sample"),
        wrong(
            "a second split with more levels",
            w -> w.write("in.csv", "0,1,5\n"),
            "prepare --format matrix --input @in.csv --split test --output @rows",
            4,
            "the input does not fit the dataset",
            "the first split fixes this"),
        wrong(
            "a second split with more columns",
            w -> w.write("in.csv", "0,1,1,1\n"),
            "prepare --format matrix --input @in.csv --split test --output @rows",
            4,
            "the input does not fit the dataset"),
        wrong(
            "a split that is there from other input",
            w -> w.write("in.csv", "0,1,1\n"),
            "prepare --format matrix --input @in.csv --split train --output @rows",
            2,
            "has a split 'train' already, made from other inputs"),
        wrong(
            "too few examples for the division",
            w -> w.write("in.csv", "0,1,1\n"),
            "prepare --format matrix --input @in.csv --split auto=0.5,0.3,0.2 --output @out",
            3,
            "would be empty"),
        wrong(
            "a file name without a label",
            w -> w.write("empty/a.png", png(4, 4)),
            "prepare --format images --input @empty --label-pattern (\\d+) --output @out",
            3,
            "the name has nothing that the label pattern"));
  }

  private static BadInput file(String name, String format, String content, String... fragments) {
    return file(name, format, content.getBytes(StandardCharsets.UTF_8), fragments);
  }

  private static BadInput file(String name, String format, byte[] content, String... fragments) {
    return wrong(
        name,
        w -> w.write("in", content),
        "prepare --format " + format + " --input @in --output @out",
        3,
        fragments);
  }

  /** An idx file of three dimensions with so many bytes of data. */
  private static byte[] idx(int examples, int height, int width, int data) {
    return ByteBuffer.allocate(16 + data)
        .put(new byte[] {0, 0, 8, 3})
        .putInt(examples)
        .putInt(height)
        .putInt(width)
        .array();
  }

  private static byte[] wav(int channels, int rate, int bits, int claimed, int data) {
    return ByteBuffer.allocate(44 + data)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put("RIFF".getBytes(StandardCharsets.US_ASCII))
        .putInt(36 + data)
        .put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII))
        .putInt(16)
        .putShort((short) 1)
        .putShort((short) channels)
        .putInt(rate)
        .putInt(rate * channels * bits / 8)
        .putShort((short) (channels * bits / 8))
        .putShort((short) bits)
        .put("data".getBytes(StandardCharsets.US_ASCII))
        .putInt(claimed)
        .array();
  }

  private static byte[] png(int width, int height) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY), "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  private static byte[] jpeg() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(new BufferedImage(64, 64, BufferedImage.TYPE_BYTE_GRAY), "jpg", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  /** The same sound with another encoding in its header. */
  private static byte[] kind(byte[] wav, int kind) {
    return ByteBuffer.wrap(wav).order(ByteOrder.LITTLE_ENDIAN).putShort(20, (short) kind).array();
  }

  private static byte[] cut(byte[] bytes, int length) {
    return java.util.Arrays.copyOf(bytes, length);
  }

  /** The same picture with another size in its header, and the checksum to match. */
  private static byte[] claim(byte[] png, int size) {
    ByteBuffer file = ByteBuffer.wrap(png).putInt(16, size).putInt(20, size);
    CRC32 crc = new CRC32();
    crc.update(png, 12, 17);
    return file.putInt(29, (int) crc.getValue()).array();
  }

  /** The part after the header claims to be longer than the file. */
  private static byte[] partOfGigabytes(byte[] png) {
    return ByteBuffer.wrap(png).putInt(33, 2_147_483_632).array();
  }
}
