"""Files that people write: profiles and settings."""

import checkout


def widened(world):
    folder = world.file("wide/developer.md", "---\nname: developer\nnetwork: on\n"
                        "allowed-scope: ['**']\nship: merge\n---\nYou may all.\n")
    return world.giga(["profile", "import", folder, "--no-input"], "let jobs do more")


def made_twice(world):
    words = ["profile", "new", "bard"]
    assert world.fleet.giga(*words, cwd=world.stay).returncode == 0
    return world.giga(words, "is there already")


def odd_profile(world):
    """A persona that ends in blanks, which the API keeps and a file could not say."""
    profile = world.fleet.json("profile", "show", "developer", "--json=all")
    reply = world.ask("PUT", "/fleet/profiles/odd",
                      {**profile, "name": "odd", "version": 1, "persona": "You rhyme.  "})
    assert reply.status == 200, reply.body
    return world.giga(["profile", "export", "odd"], "cannot be written as a file")


def project_that_says_where_data_lies(world):
    folder = world.repository("of-a-stranger")
    checkout.write(folder, "giga.yaml", "data: /tmp/elsewhere\n")
    return world.giga(["config", "list"], "cannot be set by a repository", cwd=folder)
