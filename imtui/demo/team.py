"""The demonstration's people, plans and rules, as a template."""

from __future__ import annotations

PEOPLE = {"ana": "Ana Duarte", "ben": "Ben Okafor", "chidi": "Chidi Eze", "dana": "Dana Weiss"}
WATCHER = "dana"
"""Whoever watches is one of the team."""

ACCOUNT, REGION = "111122223333", "zz-local-1"


def template() -> str:
    """Four people with two channels each, a schedule, three escalation plans, seven response plans, alarm rules."""
    parts = ["Resources:"]
    parts += [_person(number, alias, name) for number, (alias, name) in enumerate(PEOPLE.items(), 1)]
    parts.append(_ESCALATION)
    parts += [_response_plan(*plan) for plan in _PLANS]
    parts.append(_WAREHOUSE_RULE)
    return "".join(parts)


def _person(number: int, alias: str, name: str) -> str:
    """A message to the phone, two minutes later one by mail."""
    id_ = alias.capitalize()
    return f"""
  {id_}:
    Type: AWS::SSMContacts::Contact
    Properties:
      Alias: {alias}
      DisplayName: {name}
      Type: PERSONAL
      Plan:
        - DurationInMinutes: 2
          Targets: [{{ChannelTargetInfo: {{ChannelId: !Ref {id_}Mobile, RetryIntervalInMinutes: 1}}}}]
        - DurationInMinutes: 1
          Targets: [{{ChannelTargetInfo: {{ChannelId: !Ref {id_}Mail, RetryIntervalInMinutes: 1}}}}]
      Tags: [{{Key: team, Value: {"data" if alias in ("chidi", "dana") else "shop"}}}]
  {id_}Mobile:
    Type: AWS::SSMContacts::ContactChannel
    Properties:
      ContactId: !Ref {id_}
      ChannelName: mobile
      ChannelType: SMS
      ChannelAddress: "+49151000000{number:02}"
  {id_}Mail:
    Type: AWS::SSMContacts::ContactChannel
    Properties:
      ContactId: !Ref {id_}
      ChannelName: work mail
      ChannelType: EMAIL
      ChannelAddress: {alias}@shop.example
"""


def _response_plan(
    name: str, title: str, impact: int, engages: str, alarms: tuple[str, ...], summary: str, resolve: bool
) -> str:
    """A response plan with the rule that chooses it by the beginning of an alarm's name; `resolve`: the end of the
    alarm ends the incident."""
    id_ = name.capitalize()
    room = f"arn:aws:sns:{REGION}:{ACCOUNT}:ops-room"
    chat = f'      ChatChannel: {{ChatbotSns: ["{room}"]}}\n' if name == "checkout" else ""
    engagements = f"      Engagements: [!Ref {engages}]\n" if engages else ""
    states = "[ALARM, OK]" if resolve else "[ALARM]"
    prefixes = ", ".join(f"{{prefix: {prefix}}}" for prefix in alarms)
    metadata = "    Metadata: {imtui: {Resolve: true}}\n" if resolve else ""
    plan = f"""
  {id_}:
    Type: AWS::SSMIncidents::ResponsePlan
    Properties:
      Name: {name}
      DisplayName: {name.capitalize()}
      IncidentTemplate:
        Title: "{title}"
        Impact: {impact}
        Summary: "{summary}"
        IncidentTags: [{{Key: service, Value: {name}}}, {{Key: stage, Value: production}}]
{chat}{engagements}"""
    if not alarms:
        return plan
    return f"""{plan}  {id_}Alarms:
    Type: AWS::Events::Rule
{metadata}    Properties:
      Name: {name}-alarms
      EventPattern: {{source: [aws.cloudwatch], detail: {{alarmName: [{prefixes}], state: {{value: {states}}}}}}}
      Targets: [{{Id: plan, Arn: !GetAtt {id_}.Arn}}]
"""


_PLANS = (
    ("checkout", "Checkout:", 1, "ShopNights", ("payment", "cart"), "Look at the provider's status first.", False),
    ("accounts", "Accounts:", 2, "ShopNights", ("login", "session"), "", False),
    ("catalog", "Catalog:", 3, "ShopNights", ("product", "price"), "", True),
    ("search", "Search:", 3, "ShopNights", ("query", "index"), "", True),
    ("mail", "Mail:", 4, "OfficeHours", ("mail",), "", True),
    ("media", "Images:", 5, "", ("image",), "Nobody is paged: old pictures are shown meanwhile.", True),
    ("warehouse", "Warehouse:", 4, "Data", (), "", True),
)

_ESCALATION = """
  ShopNights:
    Type: AWS::SSMContacts::Contact
    Properties:
      Alias: shop-nights
      DisplayName: Shop, nights
      Type: ESCALATION
      Plan:
        - DurationInMinutes: 6
          Targets: [{ContactTargetInfo: {ContactId: !Ref Ana, IsEssential: true}}]
        - DurationInMinutes: 8
          Targets: [{ContactTargetInfo: {ContactId: !Ref Ben, IsEssential: true}}]
        - DurationInMinutes: 4
          Targets:
            - ContactTargetInfo: {ContactId: !Ref Chidi, IsEssential: true}
            - ContactTargetInfo: {ContactId: !Ref Dana, IsEssential: true}
  Data:
    Type: AWS::SSMContacts::Contact
    Properties:
      Alias: data
      DisplayName: Data platform
      Type: ESCALATION
      Plan:
        - DurationInMinutes: 3
          Targets: [{ContactTargetInfo: {ContactId: !Ref Dana, IsEssential: true}}]
        - DurationInMinutes: 3
          Targets: [{ContactTargetInfo: {ContactId: !Ref Chidi, IsEssential: true}}]
  Days:
    Type: AWS::SSMContacts::Rotation
    Properties:
      Name: Berlin days
      ContactIds: [!Ref Ana, !Ref Ben]
      StartTime: "2026-01-05T08:00:00+01:00"
      TimeZoneId: Europe/Berlin
      Recurrence:
        NumberOfOnCalls: 1
        RecurrenceMultiplier: 1
        WeeklySettings: [{DayOfWeek: MON, HandOffTime: "08:00"}]
        ShiftCoverages:
          - {DayOfWeek: MON, CoverageTimes: [{StartTime: "08:00", EndTime: "20:00"}]}
          - {DayOfWeek: TUE, CoverageTimes: [{StartTime: "08:00", EndTime: "20:00"}]}
          - {DayOfWeek: WED, CoverageTimes: [{StartTime: "08:00", EndTime: "20:00"}]}
          - {DayOfWeek: THU, CoverageTimes: [{StartTime: "08:00", EndTime: "20:00"}]}
          - {DayOfWeek: FRI, CoverageTimes: [{StartTime: "08:00", EndTime: "20:00"}]}
          - {DayOfWeek: SAT, CoverageTimes: [{StartTime: "08:00", EndTime: "20:00"}]}
          - {DayOfWeek: SUN, CoverageTimes: [{StartTime: "08:00", EndTime: "20:00"}]}
  Nights:
    Type: AWS::SSMContacts::Rotation
    Properties:
      Name: New York days
      ContactIds: [!Ref Chidi, !Ref Dana]
      StartTime: "2026-01-05T14:00:00-05:00"
      TimeZoneId: America/New_York
      Recurrence:
        NumberOfOnCalls: 1
        RecurrenceMultiplier: 1
        WeeklySettings: [{DayOfWeek: MON, HandOffTime: "14:00"}]
        ShiftCoverages:
          - {DayOfWeek: MON, CoverageTimes: [{StartTime: "14:00", EndTime: "02:00"}]}
          - {DayOfWeek: TUE, CoverageTimes: [{StartTime: "14:00", EndTime: "02:00"}]}
          - {DayOfWeek: WED, CoverageTimes: [{StartTime: "14:00", EndTime: "02:00"}]}
          - {DayOfWeek: THU, CoverageTimes: [{StartTime: "14:00", EndTime: "02:00"}]}
          - {DayOfWeek: FRI, CoverageTimes: [{StartTime: "14:00", EndTime: "02:00"}]}
          - {DayOfWeek: SAT, CoverageTimes: [{StartTime: "14:00", EndTime: "02:00"}]}
          - {DayOfWeek: SUN, CoverageTimes: [{StartTime: "14:00", EndTime: "02:00"}]}
  Shop:
    Type: AWS::SSMContacts::Contact
    Properties:
      Alias: follow-the-sun
      DisplayName: Shop, follow the sun
      Type: ONCALL_SCHEDULE
      Plan: [{RotationIds: [!Ref Days, !Ref Nights]}]
      Tags: [{Key: team, Value: shop}]
  OfficeHours:
    Type: AWS::SSMContacts::Contact
    Properties:
      Alias: office-hours
      DisplayName: Office hours
      Type: ESCALATION
      Plan:
        - DurationInMinutes: 30
          Targets: [{ContactTargetInfo: {ContactId: !Ref Chidi, IsEssential: true}}]
        - DurationInMinutes: 30
          Targets: [{ContactTargetInfo: {ContactId: !Ref Ben, IsEssential: true}}]
"""

_WAREHOUSE_RULE = """
  WarehouseAlerts:
    Type: AWS::Events::Rule
    Metadata: {imtui: {Resolve: true}}
    Properties:
      Name: warehouse-alerts
      EventPattern: {source: [alertmanager], detail: {commonLabels: {team: [data]}}}
      Targets: [{Id: plan, Arn: !GetAtt Warehouse.Arn}]
"""
