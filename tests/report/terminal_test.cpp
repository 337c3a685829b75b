#include "liminal/report/terminal.hpp"

#include <array>
#include <csignal>
#include <random>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "captured_terminal.hpp"
#include "runner_commands.hpp"

namespace liminal::report {
namespace {

using testing::CapturedTerminal;
using testing::runner_commands;

TEST(Printable, ShowsEveryControlAsAnEscape) {
  for (int byte = 0; byte < 0x20; ++byte) {
    if (byte == '\n' || byte == '\t') continue;
    const std::string shown = printable(std::string("a") + static_cast<char>(byte) + "b");
    EXPECT_EQ(shown.size(), 6U) << byte;
    EXPECT_EQ(shown.find(static_cast<char>(byte)), std::string::npos) << byte;
  }
  EXPECT_EQ(printable("\x1b[31m\x7f"), "\\x1b[31m\\x7f");
  EXPECT_EQ(printable("a\r\nb"), "a\\x0d\nb");
}

TEST(Printable, ShowsC1AsAnEscapeEncodedOrRaw) {
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            "\\u{9b}31m");
  EXPECT_EQ(printable("\x9b"
                      "31m"),
            "\\x9b31m");
}

TEST(Printable, ShowsBidirectionalAndZeroWidthCharactersAsEscapes) {
  EXPECT_EQ(printable("a\u202eb"), "a\\u{202e}b");
  EXPECT_EQ(printable("\u2066\u200b\u200d\ufeff\u00ad\u2028"), "\\u{2066}\\u{200b}\\u{200d}\\u{feff}\\u{ad}\\u{2028}");
  EXPECT_EQ(printable("\U000E0041"), "\\u{e0041}");
}

TEST(Printable, ShowsInvalidUtf8ByteByByte) {
  EXPECT_EQ(printable("\xff\xc0\xaf"), "\\xff\\xc0\\xaf");
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");
  EXPECT_EQ(printable("é\xc3"), "é\\xc3");
}

TEST(Printable, KeepsOrdinaryTextOfAnyScript) {
  const std::string text = "Grüße, 漢字, 👍 ⚠️, e\u0301, العربية # ## ### a::b :\n";
  EXPECT_EQ(printable(text + "x"), text + "x");
}

TEST(Printable, ExpandsTabsToStopsOfEight) {
  EXPECT_EQ(printable("ab\tc\n\td"), "ab      c\n        d");
}

TEST(Printable, MakesWorkflowCommandsInert) {
  EXPECT_EQ(printable("::error::x"), "\\x3a:error::x");
  EXPECT_EQ(printable("a\n \u2003::add-mask::e"), "a\n \u2003\\x3a:add-mask::e");
  EXPECT_EQ(printable("a ##[add-matcher]m.json"), "a #\\x23[add-matcher]m.json");
  EXPECT_EQ(printable("##vso[task.setvariable]x"), "#\\x23vso[task.setvariable]x");
  EXPECT_EQ(printable("a::b::c"), "a::b::c");
}

TEST(Terminal, FindsCommandsThatComeInPieces) {
  CapturedTerminal terminal;
  for (const std::string_view piece : {" ", ":", ":", "error", "::x\n", "a #", "#", "[", "group]\n"}) {
    terminal.get().print(piece);
  }
  EXPECT_THAT(runner_commands(terminal.text()), ::testing::IsEmpty());
}

TEST(Terminal, LetsNoCommandThroughWhateverIsPrintedInWhateverPieces) {
  constexpr std::array<std::string_view, 22> parts{
      ":",      "::",     "#",      "##",     "[",      "]",    "error",      " ",  "\n",     "\r", "\u2003",
      "\u00a0", "\u200b", "\ufe0f", "\u0301", "\x1b[m", "\xff", "set-output", "\t", "\u0085", "⚠",  "vso["};
  std::mt19937 random(20261124);
  for (int round = 0; round < 3000; ++round) {
    CapturedTerminal terminal(round % 2 == 0);
    const auto count = random() % 12 + 1;
    std::string given;
    for (std::size_t i = 0; i < count; ++i) {
      std::string piece;
      for (std::size_t j = random() % 4; j > 0; --j) piece += parts.at(random() % parts.size());
      terminal.get().print(piece, random() % 3 == 0 ? Style::error : Style::plain);
      given += piece + "|";
    }
    std::string output = terminal.text();
    // What a runner that removes colours before it looks for commands would see.
    for (const std::string_view sgr : {"\x1b[1;31m", "\x1b[0m"}) {
      for (std::size_t at = 0; (at = output.find(sgr)) != std::string::npos;) output.erase(at, sgr.size());
    }
    ASSERT_THAT(runner_commands(output), ::testing::IsEmpty()) << given;
    ASSERT_EQ(output.find('\x1b'), std::string::npos) << given;
    ASSERT_EQ(output.find('\r'), std::string::npos) << given;
  }
}

TEST(Terminal, ColoursOnlyWhenAskedTo) {
  CapturedTerminal plain;
  plain.get().line("x", Style::error);
  EXPECT_EQ(plain.text(), "x\n");
  CapturedTerminal colored(true);
  colored.get().line("x", Style::error);
  EXPECT_EQ(colored.text(), "\x1b[1;31mx\x1b[0m\n");
}

TEST(Terminal, LetsNoNameBeginALineOfItsOwn) {
  CapturedTerminal terminal(true);
  terminal.get().print("a\nerror: forged\n", Style::good);
  terminal.get().line("\n::error::b");
  EXPECT_EQ(terminal.text(), "\x1b[32ma\\nerror: forged\\n\x1b[0m\\n::error::b\n");
}

TEST(Terminal, KeepsTheLineEndsOfItsOwnText) {
  CapturedTerminal terminal;
  terminal.get().text("a\n\n  b\n");
  EXPECT_EQ(terminal.text(), "a\n\n  b\n");
}

TEST(Terminal, WritesDocumentsAsTheyAre) {
  CapturedTerminal terminal;
  terminal.get().document("{\"a\": \"::\"}\n");
  EXPECT_EQ(terminal.text(), "{\"a\": \"::\"}\n");
}

TEST(Terminal, DrawsLiveLinesBelowWhatIsPrinted) {
  CapturedTerminal terminal(false, true, 10);
  terminal.get().set_live_lines({{{"one is far too long"}}, {{"two"}}});
  terminal.get().line("printed");
  terminal.get().set_live_lines({});
  EXPECT_EQ(terminal.text(), "one is fa\ntwo\n\x1b[2A\x1b[Jprinted\none is fa\ntwo\n\x1b[2A\x1b[J");
}

TEST(Terminal, DrawsNothingLiveWhereLinesCannotBeRedrawn) {
  CapturedTerminal terminal;
  terminal.get().set_live_lines({{{"one"}}});
  EXPECT_EQ(terminal.text(), "");
}

TEST(DisplayWidth, CountsWideCombiningAndEscapedCharacters) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("漢字"), 4U);
  EXPECT_EQ(display_width("e\u0301"), 1U);
  EXPECT_EQ(display_width("👍"), 2U);
  EXPECT_EQ(display_width("\x1b"), 4U);
  EXPECT_EQ(display_width("\u202e"), 8U);
}

TEST(OutputStream, WritesEverythingToASlowNonBlockingReader) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  ::fcntl(ends[1], F_SETFL, O_NONBLOCK);
  const std::string sent(1U << 20, 'x');
  std::string received;
  std::thread reader([&] {
    std::array<char, 4096> buffer{};
    for (ssize_t count = 0; (count = ::read(ends[0], buffer.data(), buffer.size())) > 0;) {
      received.append(buffer.data(), static_cast<std::size_t>(count));
    }
  });
  OutputStream stream(ends[1]);
  stream.write(sent);
  ::close(ends[1]);
  reader.join();
  ::close(ends[0]);
  EXPECT_EQ(received, sent);
  EXPECT_FALSE(stream.failed());
}

TEST(OutputStream, StopsWhenTheReaderHasGone) {
  ::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  ::close(ends[0]);
  OutputStream stream(ends[1]);
  stream.write("x");
  EXPECT_TRUE(stream.failed());
  stream.write("y");
  ::close(ends[1]);
}

TEST(OutputStream, SaysWhenTheDiskIsFull) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  OutputStream stream(full);
  stream.write("x");
  EXPECT_TRUE(stream.failed());
  ::close(full);
}

}  // namespace
}  // namespace liminal::report
