package canteen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** The examples of the READMEs: compiled and run as they are written there, with a bot that answers a slash command. */
@Timeout(120)
class ReadmeTest {

  private static final Path ROOT = Path.of("../../..");
  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private static final String MY_BOT = """
      import static com.symphony.bdk.core.activity.command.SlashCommand.slash;

      import com.symphony.bdk.core.SymphonyBdk;

      final class MyBot {
        static void listen(SymphonyBdk bdk) {
          bdk.activities().register(slash("/help", context ->
              bdk.messages().send(context.getStreamId(), "<messageML>I can help</messageML>")));
          Thread loop = new Thread(() -> {
            try {
              bdk.datafeed().start();
            } catch (Exception end) {
              throw new IllegalStateException(end);
            }
          });
          loop.setDaemon(true);
          loop.start();
        }
      }
      """;

  /** What an IDE adds. */
  private static final String IMPORTS = """
      import com.symphony.bdk.core.SymphonyBdk;
      import org.junit.jupiter.api.Test;
      import org.junit.jupiter.api.extension.ExtendWith;
      import symphony.mockpod.MockPod;
      import symphony.mockpod.MockPodExtension;

      """;

  @Test
  void theFrontPagesExampleIsGreen(@TempDir Path folder) throws Exception {
    List<String> examples = examples(ROOT.resolve("README.md"));
    assertEquals(1, examples.size());
    assertGreen(folder, IMPORTS + examples.get(0));
  }

  @Test
  void theFirstExampleIsGreen(@TempDir Path folder) throws Exception {
    assertGreen(folder, examples(ROOT.resolve("clients/java/README.md")).get(0));
  }

  private static List<String> examples(Path readme) throws IOException {
    return JAVA.matcher(Files.readString(readme)).results().map(MatchResult::group)
        .map(block -> block.substring("```java\n".length(), block.length() - "```".length()))
        .toList();
  }

  private static void assertGreen(Path folder, String test) throws Exception {
    Path bot = Files.writeString(folder.resolve("MyBot.java"), MY_BOT);
    Path source = Files.writeString(folder.resolve("MyBotTest.java"), test);
    String classPath = Stream.of("surefire.test.class.path", "java.class.path")
        .map(System::getProperty).filter(path -> path != null).findFirst().orElseThrow();
    StringWriter said = new StringWriter();
    var files = ToolProvider.getSystemJavaCompiler().getStandardFileManager(null, null, null);
    boolean compiled = ToolProvider.getSystemJavaCompiler().getTask(
        said, files, null, List.of("-d", folder.toString(), "-cp", classPath), null,
        files.getJavaFileObjects(bot, source)).call();
    assertTrue(compiled, () -> said + "\n" + test);

    ClassLoader before = Thread.currentThread().getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
      Thread.currentThread().setContextClassLoader(loader);
      SummaryGeneratingListener listener = new SummaryGeneratingListener();
      LauncherFactory.create().execute(
          LauncherDiscoveryRequestBuilder.request().selectors(selectClass(loader.loadClass("MyBotTest"))).build(),
          listener);
      StringWriter failures = new StringWriter();
      listener.getSummary().printFailuresTo(new PrintWriter(failures));
      assertEquals("", failures.toString());
      assertEquals(1, listener.getSummary().getTestsSucceededCount());
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }
}
