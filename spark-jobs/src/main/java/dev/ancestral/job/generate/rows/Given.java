package dev.ancestral.job.generate.rows;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The values of some columns that drawn rows are to have: {@code country = 'DE' AND age IS NULL}.
 *
 * @param terms one for each column
 */
public record Given(List<Term> terms) implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final Pattern SIMPLE = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_.-]*");
  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s*(?:`(?<quoted>(?:[^`]|``)+)`"
              + "|'(?<text>(?:[^']|'')*)'"
              + "|(?<number>[-+]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:[eE][-+]?\\d+)?)(?![\\p{L}_])"
              + "|(?<word>[\\p{L}_][\\p{L}\\p{N}_.-]*)"
              + "|(?<equals>=)"
              + "|(?<other>\\S))");

  /**
   * A column and its value.
   *
   * @param value as it is written in SQL, without quotes; null for a null
   */
  public record Term(String column, String value) implements Serializable {
    private static final long serialVersionUID = 1L;

    /** As it is written in SQL. */
    public String text() {
      String name =
          SIMPLE.matcher(column).matches() ? column : "`" + column.replace("`", "``") + "`";
      return value == null ? name + " IS NULL" : name + " = '" + value.replace("'", "''") + "'";
    }
  }

  public Given {
    terms = List.copyOf(terms);
  }

  /**
   * Reads conditions that are joined by AND.
   *
   * @throws AncestralException (SPEC) if it is anything but equalities of different columns with
   *     literals
   */
  public static Given parse(String sql) {
    List<Token> tokens = tokens(sql);
    List<Term> terms = new ArrayList<>();
    Set<String> columns = new HashSet<>();
    int at = 0;
    do {
      if (at > 0) {
        at = expect(sql, tokens, at, "AND");
      }
      Token column = token(sql, tokens, at++);
      if (column.kind() != Kind.NAME && column.kind() != Kind.WORD) {
        throw wrong(sql, column);
      }
      Token is = token(sql, tokens, at++);
      String value;
      if (is.kind() == Kind.EQUALS) {
        Token literal = token(sql, tokens, at++);
        if (literal.isWord("DATE") || literal.isWord("TIMESTAMP")) {
          literal = token(sql, tokens, at++);
          if (literal.kind() != Kind.TEXT) {
            throw wrong(sql, literal);
          }
        }
        value = literal(sql, literal);
      } else if (is.isWord("IS")) {
        at = expect(sql, tokens, at, "NULL");
        value = null;
      } else {
        throw wrong(sql, is);
      }
      if (!columns.add(column.text())) {
        throw new AncestralException(
            ErrorCode.SPEC,
            "given is \"" + sql + "\", with '" + column.text() + "' twice; name a column once");
      }
      terms.add(new Term(column.text(), value));
    } while (at < tokens.size());
    return new Given(terms);
  }

  /** As it is written in SQL: the same for the same conditions, however they were spaced. */
  public String text() {
    return terms.stream().map(Term::text).collect(Collectors.joining(" AND "));
  }

  private static String literal(String sql, Token token) {
    if (token.kind() == Kind.TEXT || token.kind() == Kind.NUMBER) {
      return token.text();
    }
    if (token.isWord("TRUE") || token.isWord("FALSE")) {
      return token.text().toLowerCase(Locale.ROOT);
    }
    throw wrong(sql, token);
  }

  private static int expect(String sql, List<Token> tokens, int at, String word) {
    Token token = token(sql, tokens, at);
    if (!token.isWord(word)) {
      throw wrong(sql, token);
    }
    return at + 1;
  }

  private static Token token(String sql, List<Token> tokens, int at) {
    if (at >= tokens.size()) {
      throw wrong(sql, new Token(Kind.OTHER, "its end"));
    }
    return tokens.get(at);
  }

  private static AncestralException wrong(String sql, Token token) {
    String what = token.kind() == Kind.OTHER ? token.text() : "'" + token.text() + "'";
    return new AncestralException(
        ErrorCode.SPEC,
        "given is \""
            + sql
            + "\" and cannot be read at "
            + what
            + "; it must be COLUMN = 'TEXT', COLUMN = NUMBER, COLUMN = DATE '2024-01-31', COLUMN ="
            + " TRUE or COLUMN IS NULL, more of them joined by AND (names with spaces in"
            + " `backquotes`)");
  }

  private static List<Token> tokens(String sql) {
    List<Token> tokens = new ArrayList<>();
    Matcher matcher = TOKEN.matcher(sql);
    while (matcher.lookingAt()) {
      if (matcher.group("quoted") != null) {
        tokens.add(new Token(Kind.NAME, matcher.group("quoted").replace("``", "`")));
      } else if (matcher.group("text") != null) {
        tokens.add(new Token(Kind.TEXT, matcher.group("text").replace("''", "'")));
      } else if (matcher.group("number") != null) {
        tokens.add(new Token(Kind.NUMBER, matcher.group("number")));
      } else if (matcher.group("word") != null) {
        tokens.add(new Token(Kind.WORD, matcher.group("word")));
      } else if (matcher.group("equals") != null) {
        tokens.add(new Token(Kind.EQUALS, "="));
      } else {
        tokens.add(new Token(Kind.OTHER, matcher.group("other")));
      }
      matcher.region(matcher.end(), sql.length());
    }
    return tokens;
  }

  private enum Kind {
    NAME,
    TEXT,
    NUMBER,
    WORD,
    EQUALS,
    OTHER
  }

  private record Token(Kind kind, String text) {
    boolean isWord(String word) {
      return kind == Kind.WORD && text.equalsIgnoreCase(word);
    }
  }
}
