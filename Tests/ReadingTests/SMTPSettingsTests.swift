import Foundation
import Reading
import TestSupport
import Testing

@Suite struct SMTPSettingsTests {
  @Test(arguments: [
    ([:], "no mail server is set: CAJAL_SMTP_URL"),
    (["CAJAL_SMTP_URL": "smtp://a.b"], "CAJAL_SMTP_FROM=name"),
    (["CAJAL_SMTP_FROM": "x"], "CAJAL_SMTP_FROM: 'x' is no address"),
    (["CAJAL_SMTP_URL": "http://a.b"], "CAJAL_SMTP_URL is no address of a mail server"),
    (["CAJAL_SMTP_URL": "smtp://u:secret@a.b"], "user and password in CAJAL_SMTP_USER"),
    (["CAJAL_SMTP_URL": "smtp://a.b:99999"], "is no address"),
    (["CAJAL_SMTP_URL": "smtp://a.b/x?y"], "is no address"),
    (["CAJAL_SMTP_USER": "u"], "go together"), (["CAJAL_SMTP_TLS": "maybe"], "expected required or none"),
    (
      ["CAJAL_SMTP_TLS": "none", "CAJAL_SMTP_USER": "u", "CAJAL_SMTP_PASSWORD": "secret"],
      "a password is not sent without TLS"
    ),
    (["CAJAL_SMTP_CA": "/nowhere.pem"], "cannot read /nowhere.pem"),
    (["CAJAL_SMTP_TIMEOUT": "0"], "seconds from 1 to 600"),
  ])
  func settingsAreChecked(_ changes: [String: String], _ expected: String) {
    var environment = ["CAJAL_SMTP_URL": "smtp://mail.example.org", "CAJAL_SMTP_FROM": "a@b.c"]
    if changes.isEmpty || changes == ["CAJAL_SMTP_URL": "smtp://a.b"] { environment = [:] }
    environment.merge(changes) { $1 }
    let said = message { _ = try SMTPSettings(environment) }
    #expect(said.contains(expected) && !said.contains("secret"), "\(said)")
  }

  @Test func portsFollowTheScheme() throws {
    func port(_ url: String) throws -> Int {
      try SMTPSettings(["CAJAL_SMTP_URL": url, "CAJAL_SMTP_FROM": "a@b.c"]).port
    }
    #expect(try port("smtp://mail.example.org") == 587 && port("smtps://mail.example.org") == 465)
    #expect(try port("smtp://localhost") == 25 && port("smtp://mail.example.org:2525") == 2525)
  }
}
