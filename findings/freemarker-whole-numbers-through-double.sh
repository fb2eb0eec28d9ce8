#!/usr/bin/env bash
# FreeMarker's ?floor, ?round and ?ceiling change whole numbers beyond 2^53, although its arithmetic is exact.
#
# Templates compute in BigDecimal, so 9007199254740993 prints as it is, and so it does after a division by 1. The three built-ins begin
# with `doubleValue()` (BuiltInsForNumbers), which gives the even neighbour. ?long keeps the number.
#
# Seen with FreeMarker 2.3.31 and 2.3.34, Java 17:
#   ${9007199254740993?c} gives 9007199254740993
#   ${(9007199254740993 / 1)?c} gives 9007199254740993
#   ${9007199254740993?long?c} gives 9007199254740993
#   ${9007199254740993?floor?c} gives 9007199254740992
#   ${9007199254740993?round?c} gives 9007199254740992
#   ${9007199254740993?ceiling?c} gives 9007199254740992
. "$(dirname "$0")/lib.bash"
cat >"$scratch/Show.java" <<'JAVA'
import freemarker.template.Configuration;
import freemarker.template.Template;
import java.io.StringWriter;
import java.util.Map;

public class Show {
  public static void main(String[] templates) throws Exception {
    var configuration = new Configuration(Configuration.VERSION_2_3_31);
    for (var text : templates) {
      var out = new StringWriter();
      new Template("shown", text, configuration).process(Map.of(), out);
      System.out.println(text + " gives " + out);
    }
  }
}
JAVA
number=9007199254740993
for version in 2.3.31 2.3.34; do
    echo "FreeMarker $version"
    jar_of "org.freemarker:freemarker:$version"
    seen=$(java -cp "$jar" "$scratch/Show.java" "\${$number?c}" "\${($number / 1)?c}" "\${$number?long?c}" \
        "\${$number?floor?c}" "\${$number?round?c}" "\${$number?ceiling?c}" 2>/dev/null)
    for exact in "$number?c" "($number / 1)?c" "$number?long?c"; do
        expect "\${$exact} gives $number"
    done
    for rounded in floor round ceiling; do
        expect "\${$number?$rounded?c} gives 9007199254740992"
    done
done
