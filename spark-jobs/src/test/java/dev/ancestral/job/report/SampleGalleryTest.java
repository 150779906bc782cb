package dev.ancestral.job.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Fixtures;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.schema.ColumnKind;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleGalleryTest {
  @TempDir private Path folder;

  private String shown() {
    HtmlPage page = new HtmlPage("run", "");
    Storage storage = new Storage(new Configuration());
    SampleGallery.ofSamples(storage, storage.path(folder.resolve("samples").toString()))
        .show(page, "Sample");
    return page.html();
  }

  private void write(String name, byte[] content) throws IOException {
    Files.write(Files.createDirectories(folder.resolve("samples")).resolve(name), content);
  }

  /** A second of it, silence but for one click. */
  private void sound(String name, int samples) throws IOException {
    byte[] pcm = ByteBuffer.allocate(2 * samples).putShort(samples, (short) 0x0040).array();
    AudioFormat format = new AudioFormat(8000, 16, 1, true, false);
    Files.createDirectories(folder.resolve("samples"));
    AudioSystem.write(
        new AudioInputStream(new ByteArrayInputStream(pcm), format, samples),
        AudioFileFormat.Type.WAVE,
        folder.resolve("samples").resolve(name).toFile());
  }

  @Test
  void shows_nothing_where_nothing_is_committed() throws IOException {
    String without = shown();
    write("part-00000.parquet", new byte[] {1});
    assertEquals(without, shown());
    assertFalse(without.contains("Sample"), without);
  }

  @Test
  void text_is_no_markup() throws IOException {
    write("preview.txt", "to be <b>or</b>\nnot".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    String html = shown();
    assertTrue(html.contains("<pre>to be &lt;b&gt;or&lt;/b&gt;\nnot</pre>"), html);
  }

  @Test
  void sounds_can_be_played_and_seen() throws IOException {
    sound("preview-03.wav", 8000);
    sound("preview-00.wav", 3);
    String html = shown();
    assertTrue(html.indexOf("Sample · 00") < html.indexOf("Sample · 03"), html);
    assertEquals(2, html.split("<audio controls src=\"data:audio/wav;base64,").length - 1);
    assertEquals(2, html.split("<svg class=").length - 1);
  }

  @Test
  void a_page_does_not_grow_with_long_sounds() throws IOException {
    sound("preview-00.wav", 1_500_000);
    sound("preview-01.wav", 1_500_000);
    String html = shown();
    assertTrue(html.contains("Sample · 00") && !html.contains("Sample · 01"));
  }

  @Test
  void pictures_are_in_the_page() throws IOException {
    write("preview.png", new byte[] {1, 2, 3});
    assertTrue(shown().contains("src=\"data:image/png;base64,AQID\""));
  }

  @Test
  void rows_are_a_table_with_names() {
    RowSchema schema =
        new RowSchema(
            List.of(
                new RowColumn(
                    "size <m>",
                    ColumnKind.INTEGER,
                    new ColumnType.Whole(10, 500, 5, List.of(10L, 505L)),
                    true,
                    "decimal(6,1)"),
                new RowColumn(
                    "colour",
                    ColumnKind.CATEGORY,
                    new ColumnType.Category(List.of("red & blue", "green"), false),
                    false,
                    "string")),
            RowSchema.Nulls.VALUE);
    EventSpec event = EventSpec.rows(schema);
    Storage storage = new Storage(new Configuration());
    Batch rows = Batch.of(event, new long[] {0, 1}, new float[] {3, 0, Float.NaN, 1});
    String data = new Fixtures(storage).stored(folder.resolve("data").toString(), "test", rows, 2);
    HtmlPage page = new HtmlPage("run", "");
    SampleGallery.ofExamples(Dataset.open(storage, data), "test").show(page, "Examples");
    String html = page.html();
    assertTrue(html.contains("<th class=\"number\">size &lt;m&gt;</th><th>colour</th>"), html);
    assertTrue(html.contains("<td class=\"number\">2.5</td><td>red &amp; blue</td>"), html);
    assertTrue(html.contains("<td class=\"number\">null</td><td>green</td>"), html);
  }
}
