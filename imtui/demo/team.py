"""The demonstration's people, plans and rules, as a template."""

PEOPLE = {"ana": "Ana Duarte", "ben": "Ben Okafor", "chidi": "Chidi Eze", "dana": "Dana Weiss"}


def template() -> str:
    """Four people with two channels each, two escalation plans, three response plans, and rules for alarms."""
    parts = ["Resources:"]
    for number, (alias, name) in enumerate(PEOPLE.items(), 1):
        id_ = alias.capitalize()
        parts.append(f"""
  {id_}:
    Type: AWS::SSMContacts::Contact
    Properties:
      Alias: {alias}
      DisplayName: {name}
      Type: PERSONAL
      Plan:
        - DurationInMinutes: 3
          Targets: [{{ChannelTargetInfo: {{ChannelId: !Ref {id_}Mobile, RetryIntervalInMinutes: 1}}}}]
        - DurationInMinutes: 5
          Targets: [{{ChannelTargetInfo: {{ChannelId: !Ref {id_}Mail, RetryIntervalInMinutes: 2}}}}]
      Tags: [{{Key: team, Value: shop}}]
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
""")
    parts.append(_PLANS)
    return "".join(parts)


_PLANS = """
  ShopNights:
    Type: AWS::SSMContacts::Contact
    Properties:
      Alias: shop-nights
      DisplayName: Shop, nights
      Type: ESCALATION
      Plan:
        - DurationInMinutes: 6
          Targets: [{ContactTargetInfo: {ContactId: !Ref Ana, IsEssential: true}}]
        - DurationInMinutes: 6
          Targets: [{ContactTargetInfo: {ContactId: !Ref Ben, IsEssential: true}}]
        - DurationInMinutes: 10
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
        - DurationInMinutes: 10
          Targets: [{ContactTargetInfo: {ContactId: !Ref Dana, IsEssential: true}}]
        - DurationInMinutes: 10
          Targets: [{ContactTargetInfo: {ContactId: !Ref Chidi, IsEssential: true}}]
  Checkout:
    Type: AWS::SSMIncidents::ResponsePlan
    Properties:
      Name: checkout
      DisplayName: Checkout
      IncidentTemplate:
        Title: "Checkout:"
        Impact: 1
        Summary: "Customers cannot pay. Look at the payment provider's status first, then at the last deployment."
        IncidentTags: [{Key: service, Value: checkout}]
      ChatChannel: {ChatbotSns: ["arn:aws:sns:zz-local-1:111122223333:ops-room"]}
      Engagements: [!Ref ShopNights]
  Search:
    Type: AWS::SSMIncidents::ResponsePlan
    Properties:
      Name: search
      DisplayName: Search
      IncidentTemplate: {Title: "Search:", Impact: 3, IncidentTags: [{Key: service, Value: search}]}
      Engagements: [!Ref ShopNights]
  Warehouse:
    Type: AWS::SSMIncidents::ResponsePlan
    Properties:
      Name: warehouse
      DisplayName: Warehouse
      IncidentTemplate: {Title: "Warehouse:", Impact: 4, IncidentTags: [{Key: service, Value: warehouse}]}
      Engagements: [!Ref Data]
  CheckoutAlarms:
    Type: AWS::Events::Rule
    Properties:
      Name: checkout-alarms
      EventPattern: {source: [aws.cloudwatch], detail: {alarmName: [{prefix: checkout}], state: {value: [ALARM]}}}
      Targets: [{Id: plan, Arn: !GetAtt Checkout.Arn}]
  SearchAlarms:
    Type: AWS::Events::Rule
    Properties:
      Name: search-alarms
      EventPattern: {source: [aws.cloudwatch], detail: {alarmName: [{prefix: search}], state: {value: [ALARM]}}}
      Targets: [{Id: plan, Arn: !GetAtt Search.Arn}]
  WarehouseAlerts:
    Type: AWS::Events::Rule
    Metadata: {imtui: {Resolve: true}}
    Properties:
      Name: warehouse-alerts
      EventPattern: {source: [alertmanager], detail: {commonLabels: {team: [data]}}}
      Targets: [{Id: plan, Arn: !GetAtt Warehouse.Arn}]
"""
