//! Text and structure.

use crate::support::{becomes, converted, refused};

#[track_caller]
fn markdown(content: &str, wanted: &str) {
    let message = converted(&format!("<messageML>{content}</messageML>")).expect(content);
    assert_eq!(message.markdown, wanted, "{content}");
}

#[test]
fn text_is_escaped_and_loses_line_breaks() {
    becomes("a &lt;b&gt; &amp; \"c\" 'd'", "a &lt;b&gt; &amp; &quot;c&quot; 'd'");
    becomes("a\n\n\n  b\r\nc\t d", "a   b c\t d");
    becomes("&#160;&#x1F600;", "\u{a0}😀");
    becomes("<p>\n</p>", "<p> </p>");
    markdown("2 * 3 - 1 + `x` _y_", "2 \\* 3 \\- 1 \\+ \\`x\\` \\_y\\_");
    markdown("<p>---</p>", "---\n\n");
}

#[test]
fn blocks_and_lines() {
    becomes(
        "<p class=\"a b\" style=\"color:red;\">x</p>",
        "<p class=\"a b\" style=\"color:red;\">x</p>",
    );
    becomes("<p style=\"color:red\" class=\"a\"/>", "<p class=\"a\" style=\"color:red\"></p>");
    becomes("<div>x<br/><hr/></div>", "<div>x<br/><hr/></div>");
    becomes("<h1>a</h1><h6><i>b</i></h6>", "<h1>a</h1><h6><i>b</i></h6>");
    becomes("<sub><p>x</p></sub>", "<sub><p>x</p></sub>");
    markdown("a<sub><p>lost</p></sub><sup>b</sup>", "a~~^b^");
    markdown("<p>a</p>b<p>c</p>", "a\n\nb\n\nc\n\n");
    refused("<br class=\"a\"/>", "Attribute \"class\" is not allowed in \"br\"");
    refused("<hr> </hr>", "Element \"hr\" may not have child elements or text content");
    refused("<b><tag fallback-ticker=\"x\"/></b>", "Element \"tag\" is not allowed in \"b\"");
    refused("<h2><code>x</code></h2>", "Element \"code\" is not allowed in \"h2\"");
    refused("<u>x</u>", "Invalid MessageML content at element \"u\"");
    refused("<messageML/>", "Invalid MessageML content at element \"messageML\"");
}

#[test]
fn styles() {
    refused(
        "<p style=\"colour:red\"/>",
        "Invalid property(s): [colour] in the \"style\" attribute",
    );
    refused("<p style=\"Color:red\"/>", "Invalid property(s): [Color] in the \"style\" attribute");
    refused("<p style=\"red\"/>", "Unparseable \"style\" attribute: red");
    refused("<p style=\"x\" id=\"i\"/>", "Attribute \"id\" is not allowed in \"p\"");
    becomes("<p style=\" ; color : red ; \"/>", "<p style=\" ; color : red ; \"></p>");
}

#[test]
fn preformatted_text_and_code() {
    becomes("<pre>a\n<b>b\n</b></pre>", "<pre>a\n<b>b\n</b></pre>");
    becomes("<code class=\"x\">a\n<b>b\n</b></code>", "<code>a\n<b>b </b></code>");
    becomes(
        "<code language=\"c\" data-language=\"JAVA\"/>",
        "<code data-language=\"JAVA\"></code>",
    );
    markdown("<code language=\"c\">a\nb</code>x", "```c\na b\n```\nx");
    markdown("<pre>a\nb</pre>", "\na\nb\n");
    refused(
        "<code data-language=\"cobol\"/>",
        "Attribute \"data-language\" of element \"code\" can only be one of the following values: [plaintext, c, cpp, \
         csharp, css, html, java, js, jsx, php, python, r, typescript, tsx, markdown, json, scala, shell, yaml].",
    );
    refused("<code><div/></code>", "Element \"div\" is not allowed in \"code\"");
}

#[test]
fn images_and_links() {
    becomes("<img src=\"\"/>", "<img src=\"\"/>");
    refused("<img/>", "The attribute \"src\" is required");
    refused("<img> </img>", "Element \"img\" may not have child elements or text content");
    becomes(
        "<a href=\"https://a.b/?c&amp;d\"/>",
        "<a href=\"https://a.b/?c&amp;d\">https://a.b/?c&amp;d</a>",
    );
    becomes(
        "<a class=\"k\" href=\"http:x\"><p>y</p></a>",
        "<a class=\"k\" href=\"http:x\"><p>y</p></a>",
    );
    markdown("<a href=\"https://a.b\">c_<b>d</b><br/>e</a>", "[ c_d\ne ](https://a.b)");
    refused("<a>x</a>", "The attribute \"href\" is required");
    refused("<a href=\"\">x</a>", "The attribute \"href\" cannot be empty");
    refused("<a href=\" \">x</a>", "Invalid input: null must be a URI value not \" \"");
    refused("<a href=\"/x\">x</a>", "The attribute \"href\" must contain an absolute URI");
    refused("<a href=\"ftp://x\">x</a>", "URI scheme \"ftp\" is not supported by the pod.");
}

#[test]
fn lists() {
    becomes("<ul class=\"a\"> <li>x</li>\n</ul>", "<ul class=\"a\"> <li>x</li> </ul>");
    refused("<ul>x</ul>", "Element \"ul\" may not have text content");
    refused(
        "<ul> </ul>",
        "The \"ul\" element must have at least one child that is any of the following elements: [listitem].",
    );
    refused("<ol><p/></ol>", "Element \"p\" is not allowed in \"ol\"");
    refused(
        "<p><li/></p>",
        "Element \"li\" can only be a child of the following elements: [orderedlist, bulletlist]",
    );
}

#[test]
fn tables() {
    becomes(
        "<table class=\"t\"><tr><td rowspan=\"+06\" colspan=\"-1\"/></tr></table>",
        "<table class=\"t\"><tr><td colspan=\"-1\" rowspan=\"6\"></td></tr></table>",
    );
    becomes("<td>x</td>", "<td>x</td>");
    markdown(
        "<table><tr><th>a</th><td>b</td></tr><tr><td>c</td></tr></table>",
        "\n   \na   b\nc\n   \n",
    );
    refused("<td rowspan=\"1.5\"/>", "Invalid input: rowspan must be a int64 value not \"1.5\"");
    refused("<table>x</table>", "Element \"table\" may not have text content");
    refused("<table><td/></table>", "Element \"td\" is not allowed in \"table\"");
    refused("<tr><p/></tr>", "Element \"p\" is not allowed in \"tr\"");
    refused("<th colspan=\"1\"/>", "Attribute \"colspan\" is not allowed in \"th\"");
}

#[test]
fn chimes() {
    let audio =
        "<audio src=\"https://asset.symphony.com/symphony/audio/chime.mp3\" autoplay=\"true\"/>";
    becomes("<chime/>", audio);
    becomes(
        "<audio autoplay=\"no\" src=\"HTTPS://asset.symphony.com/symphony/audio/chime.mp3\"/>",
        audio,
    );
    refused("<chime/> ", "Chime messages may not have any other content");
    refused("<p><chime/></p>", "Element \"chime\" has to be the only element in the message.");
    refused("<chime class=\"a\"/>", "Attribute \"class\" is not allowed in \"chime\"");
    refused("<chime>x</chime>", "Element \"chime\" may not have child elements or text content");
}
