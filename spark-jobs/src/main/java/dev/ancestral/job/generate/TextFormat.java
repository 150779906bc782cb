package dev.ancestral.job.generate;

import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.nio.charset.StandardCharsets;

/**
 * Sequences of characters, or of symbols with spaces between them, as UTF-8, without the end symbol
 * where there is one.
 */
public record TextFormat() implements SampleFormat {
  private static final long serialVersionUID = 1L;

  @Override
  public String name() {
    return "text";
  }

  @Override
  public String subject() {
    return "text";
  }

  @Override
  public boolean suits(EventSpec event) {
    return !event.vocabulary().isEmpty();
  }

  @Override
  public String extension() {
    return "txt";
  }

  @Override
  public byte[] encode(Batch batch, int row) {
    return text(batch, row).getBytes(StandardCharsets.UTF_8);
  }

  static String text(Batch batch, int row) {
    StringBuilder text = new StringBuilder();
    int from = row * batch.steps() * batch.event().size();
    // Symbols of several characters could not be told apart without something between them.
    String between =
        batch.event().vocabulary().stream().allMatch(TextFormat::isCharacter) ? "" : " ";
    boolean ends = batch.event().learnedEnd() && batch.ends(row);
    for (int i = 0; i < batch.elements(row) - (ends ? 1 : 0); i++) {
      text.append(i == 0 ? "" : between);
      text.append(batch.event().vocabulary().get((int) batch.values()[from + i]));
    }
    return text.toString();
  }

  private static boolean isCharacter(String symbol) {
    return symbol.codePointCount(0, symbol.length()) == 1;
  }
}
